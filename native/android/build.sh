#!/bin/sh
# `make android`: the delegate for 64-bit ARM Android (API level 29 and later), without an NDK.
#
#   build.sh <folder>     leaves <folder>/liblarq_bvit_delegate.so
#
# It is linked against a libc.so and a libm.so of empty functions, whose names are those of
# src/base/freestanding.h; on a device bionic's take their place. What the library needs and shows is
# checked here. It is UNTESTED ON A DEVICE: nobody has loaded it there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: build.sh <folder>}
mkdir -p "$folder/stubs"
folder=$(cd "$folder" && pwd)

for need in cmake clang ld.lld llvm-readelf llvm-nm; do
  command -v $need > /dev/null || {
    echo "error: $need is missing (on Debian: apt install cmake clang lld llvm)" >&2
    exit 1
  }
done

# stub <library> <function>...
stub() {
  library=$1
  shift
  for function in "$@"; do echo "void $function(void) {}"; done |
    clang --target=aarch64-linux-android29 -ffreestanding -fno-builtin -w -fuse-ld=lld -nostdlib \
      -shared "-Wl,-soname,$library" -x c - -o "$folder/stubs/$library"
}

declared=$(sed -n '/^extern "C"/,/^}  .*extern/s/^[^ /#(][^(]*[ *]\([a-z_]*\)(.*/\1/p' \
  "$here/../src/base/freestanding.h" | grep -v '^exp$')
# shellcheck disable=SC2086 # many functions
stub libc.so $declared
stub libm.so exp

cmake -S "$here/.." -B "$folder/build" -DCMAKE_TOOLCHAIN_FILE="$here/toolchain.cmake" \
  -DBVIT_ANDROID_STUBS="$folder/stubs" -DLARQ_BVIT_TESTS=OFF > "$folder/cmake.log"
cmake --build "$folder/build" --target larq_bvit_delegate --parallel 2 > "$folder/build.log" 2>&1 || {
  tail -n 40 "$folder/build.log" >&2
  exit 1
}
cp "$folder/build/liblarq_bvit_delegate.so" "$folder/"
"$here/check.sh" "$folder/liblarq_bvit_delegate.so"
