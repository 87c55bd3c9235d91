#!/bin/sh
# What a runner for Android may need and be:
#
#   check_runner.sh <program>
set -eu

file=$1
. "$(dirname "$0")/expect.sh"

expect_android
expect "kind" "DYN" "$(header Type | cut -d " " -f 1)" # Android loads no program at a fixed place
expect "needed libraries" "libc.so libdl.so" "$(dynamic NEEDED)"
expect "its loader" "/system/bin/linker64" "$(llvm-readelf --program-headers "$file" |
  sed -n 's/.*Requesting program interpreter: \(.*\)\]/\1/p')"
expect "functions that it shows" "" "$(llvm-nm -D --defined-only -j "$file" | xargs)"
exit $failures
