#!/bin/sh
# Everything to run an aarch64 Python with LiteRT on an x86-64 Debian (12 or later), in one folder:
#
#   sysroot.sh <folder> [python with pip]
#
#   <folder>/root   Debian 12's arm64 Python 3.11 and C++ library, unpacked, not installed
#   <folder>/site   the aarch64 wheels of numpy and ai-edge-litert
#   <folder>/qemu   qemu-user 10, static, from Debian 13 (Debian 12's 7.2 crashes LiteRT 2.2 and later)
#
# apt works with lists and a cache of its own there, so it needs no root and changes no system.
set -eu

folder=${1:?usage: sysroot.sh <folder> [python with pip]}
python=${2:-python3}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

. "$(dirname "$0")/debian.sh"

if [ ! -x "$folder/qemu/usr/bin/qemu-aarch64" ]; then
  echo "qemu-user 10 from Debian 13"
  fetch trixie amd64 qemu-user
  unpack trixie amd64 "$folder/qemu"
fi
if [ ! -x "$folder/root/usr/bin/python3.11" ]; then
  echo "Python 3.11 for arm64 from Debian 12"
  fetch bookworm arm64 python3.11-minimal libpython3.11-stdlib libstdc++6
  unpack bookworm arm64 "$folder/root"
fi
if [ ! -d "$folder/site/ai_edge_litert" ]; then
  echo "aarch64 wheels of LiteRT"
  rm -rf "$folder/site.new"
  platforms=""
  for version in 2014 _2_17 _2_27 _2_28 _2_34; do
    platforms="$platforms --platform manylinux${version}_aarch64"
  done
  # Alone in a folder, so pip's remarks on what else this Python has installed do not apply.
  # shellcheck disable=SC2086
  "$python" -m pip install -q --disable-pip-version-check --target "$folder/site.new" \
    --python-version 3.11 --implementation cp --only-binary=:all: $platforms \
    "numpy<2" "${LITERT:-ai-edge-litert}" 2> "$folder/pip.log" || { cat "$folder/pip.log" >&2; exit 1; }
  mv "$folder/site.new" "$folder/site"
fi
