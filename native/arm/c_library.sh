#!/bin/sh
# A stock TensorFlow Lite C library for aarch64 (or x86-64), with all that it needs, in one folder:
#
#   c_library.sh <folder> [arm64|amd64]
#
#   <folder>/lib   libtensorflowlite_c.so of TensorFlow Lite 2.9, out of the npm package tfjs-tflite-node,
#                  and Debian 12's libc with its loader, C++ library and libgcc
#
# Prints the library's path. On aarch64, or under qemu-user, a program runs with it by
# <folder>/lib/ld-linux-aarch64.so.1 --library-path <folder>/lib <program>; on the folder's own
# architecture the system's libc will do as well.
set -eu

folder=${1:?usage: c_library.sh <folder> [arm64|amd64]}
architecture=${2:-arm64}
package=tfjs-tflite-node@0.0.2
sha256=3be1632328a76a2475e5b6833253763c802c859433becb4d879ee1860e3b5284
case $architecture in
  arm64) libc=aarch64-linux-gnu ;;
  amd64) libc=x86_64-linux-gnu ;;
  *) echo "error: expected arm64 or amd64; got '$architecture'" >&2 && exit 1 ;;
esac
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
. "$(dirname "$0")/debian.sh"

if [ ! -f "$folder/done-$architecture" ]; then
  command -v npm > /dev/null || { echo "error: npm is missing (on Debian: apt install npm)" >&2; exit 1; }
  rm -rf "$folder/lib" "$folder/npm" "$folder/root"
  mkdir -p "$folder/lib" "$folder/npm"
  npm pack --silent --pack-destination "$folder/npm" $package > "$folder/npm.log" 2>&1 ||
    { cat "$folder/npm.log" >&2; exit 1; }
  archive=$(echo "$folder"/npm/*.tgz)
  echo "$sha256  $archive" | sha256sum --check --quiet >&2 # another archive ends the script
  tar -xzf "$archive" -C "$folder/npm"
  fetch bookworm "$architecture" libc6 libstdc++6 libgcc-s1
  unpack bookworm "$architecture" "$folder/root"
  # what links point to, under the names by which libraries are asked for
  cp -L "$folder/root/lib/$libc/"ld-linux-*.so.* "$folder/root/lib/$libc/"lib*.so.* "$folder/lib/"
  cp -L "$folder/root/usr/lib/$libc/libstdc++.so.6" "$folder/lib/"
  cp "$folder/npm/package/cc_deps/linux_$architecture/libtensorflowlite_c.so" "$folder/lib/"
  rm -rf "$folder/npm" "$folder/root" "$apt"
  touch "$folder/done-$architecture"
fi
echo "$folder/lib/libtensorflowlite_c.so"
