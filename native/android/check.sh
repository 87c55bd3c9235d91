#!/bin/sh
# What a delegate for Android may need and show:
#
#   check.sh <library>
set -eu

file=$1
. "$(dirname "$0")/expect.sh"

expect_android
expect "needed libraries" "libc.so" "$(dynamic NEEDED)"
expect "its own name" "liblarq_bvit_delegate.so" "$(dynamic SONAME)"
expect "functions that it shows beside larq_bvit_*" \
  "tflite_plugin_create_delegate tflite_plugin_destroy_delegate" \
  "$(llvm-nm -D --defined-only -j "$file" | grep -v '^larq_bvit_' | sort | xargs)"
exit $failures
