#!/bin/sh
# `make android`: the delegate and the runner for 64-bit ARM Android (API level 29 and later), without
# an NDK.
#
#   build.sh <folder>     leaves <folder>/liblarq_bvit_delegate.so and <folder>/larq_bvit_runner
#
# They are linked against libraries of empty functions, whose names are those of src/base/freestanding.h
# and freestanding_program.h; on a device bionic's take their place. What the two need and show is
# checked here. They are UNTESTED ON A DEVICE: nobody has run them there.
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

# The functions that a header of src/base declares.
declared() {
  sed -n '/^extern "C"/,/^}  .*extern/s/^[^ /#(][^(]*[ *]\([a-z_]*\)(.*/\1/p' "$here/../src/base/$1"
}
# shellcheck disable=SC2046 # many functions
stub libc.so $( (declared freestanding.h; declared freestanding_program.h) | grep -vx 'dl[a-z]*')
# shellcheck disable=SC2046
stub libdl.so $(declared freestanding_program.h | grep '^dl')

cmake -S "$here/.." -B "$folder/build" -DCMAKE_TOOLCHAIN_FILE="$here/toolchain.cmake" \
  -DBVIT_ANDROID_STUBS="$folder/stubs" -DLARQ_BVIT_TESTS=OFF > "$folder/cmake.log"
cmake --build "$folder/build" --target larq_bvit_delegate larq_bvit_runner --parallel 2 > "$folder/build.log" 2>&1 || {
  tail -n 40 "$folder/build.log" >&2
  exit 1
}
cp "$folder/build/liblarq_bvit_delegate.so" "$folder/build/larq_bvit_runner" "$folder/"
"$here/check.sh" "$folder/liblarq_bvit_delegate.so"
"$here/check_runner.sh" "$folder/larq_bvit_runner"
