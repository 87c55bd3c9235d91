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
set -eu

folder=${1:?usage: fetch.sh <folder>}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
. "$here/../../../../native/arm/debian.sh"

# packages <suite> <architecture> <where> <package>...: unpacks packages and all that they depend on
packages() {
  suite=$1 architecture=$2 where=$3
  shift 3
  all=$folder
  done=$all/.$where-$architecture
  [ ! -f "$done" ] || return 0
  echo "$* for $architecture from Debian's $suite"
  folder=$all/apt-$where-$architecture # lists of its own, so that a folder gets its packages alone
  mkdir -p "$folder"
  fetch "$suite" "$architecture" "$@"
  unpack "$suite" "$architecture" "$all/$where"
  rm -rf "$folder"
  folder=$all
  touch "$done"
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
${CC:-cc} -O1 -Wall -Wextra -static -o "$folder/without_vsock" "$here/without_vsock.c"
