#!/bin/sh
# Fetches what the tests of adb and ssh run: Debian's packages, unpacked in one folder, none installed.
#
#   fetch.sh <folder>
#
#   <folder>/client   Debian 12's adb with its libraries, for this machine
#   <folder>/device   Debian 13's adbd for x86-64; mksh and toybox, as Android has them, for aarch64
#   <folder>/qemu     qemu-user 10, static, from Debian 13
#   <folder>/sshd     Debian 12's OpenSSH server
#   <folder>/without_vsock   see there
#
# apt works with lists and a cache of its own there, so it needs no root and changes no system.
set -eu

folder=${1:?usage: fetch.sh <folder>}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# packages <suite> <architecture> <where> <package>...: unpacks packages and all that they depend on
packages() {
  suite=$1 architecture=$2 where=$3
  shift 3
  apt=$folder/apt-$where-$architecture
  [ ! -f "$apt/done" ] || return 0
  echo "$* for $architecture from Debian's $suite"
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
  : > "$apt/status" # nothing is installed
  echo "deb [signed-by=$keys] $mirror $suite main" > "$apt/sources.list"
  for action in update "install -y --download-only --no-install-recommends $*"; do
    # shellcheck disable=SC2086 # the action is several words
    apt-get -qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=- \
      -o Dir::State="$apt/state" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" \
      -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
      -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none $action > "$apt/log" 2>&1 ||
      { cat "$apt/log" >&2; exit 1; }
  done
  for package in "$apt"/cache/archives/*.deb; do dpkg -x "$package" "$folder/$where"; done
  rm -rf "$apt/cache" "$apt/state"
  touch "$apt/done"
}

packages bookworm amd64 client adb
packages bookworm amd64 sshd openssh-server
# Debian 13 has usr-merge: the links come first, or each package makes folders of its own
mkdir -p "$folder/device/usr/bin" "$folder/device/usr/lib" "$folder/device/usr/lib64"
ln -sfn usr/bin "$folder/device/bin"
ln -sfn usr/lib "$folder/device/lib"
ln -sfn usr/lib64 "$folder/device/lib64"
packages trixie amd64 device adbd
packages trixie arm64 device mksh toybox libstdc++6
packages trixie amd64 qemu qemu-user
find "$folder/qemu/usr/bin" -type f ! -name qemu-aarch64 -delete # 400 MB
${CC:-cc} -O1 -Wall -Wextra -static -o "$folder/without_vsock" "$(dirname "$0")/without_vsock.c"
