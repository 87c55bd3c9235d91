#!/bin/sh
# What a delegate for Android may need and show:
#
#   check.sh <library>
set -eu

library=$1
failures=0

# expect <what> <expected> <got>
expect() {
  if [ "$2" = "$3" ]; then
    echo "$1: $2"
  else
    echo "error: $1: expected '$2', got '$3'" >&2
    failures=1
  fi
}

# the values of all dynamic entries of a kind, in order of names
dynamic() {
  llvm-readelf --dynamic-table "$library" | sed -n "s/.*($1).*\[\(.*\)\].*/\1/p" | sort | xargs
}

header=$(llvm-readelf --file-headers "$library")
expect "machine" "AArch64" "$(echo "$header" | sed -n 's/ *Machine: *//p')"
expect "needed libraries beside libm.so" "libc.so" "$(dynamic NEEDED | sed 's/ libm\.so$//')"
expect "its own name" "liblarq_bvit_delegate.so" "$(dynamic SONAME)"
expect "functions that it shows beside larq_bvit_*" \
  "tflite_plugin_create_delegate tflite_plugin_destroy_delegate" \
  "$(llvm-nm -D --defined-only -j "$library" | grep -v '^larq_bvit_' | sort | xargs)"
expect "alignment of its segments" "0x4000" \
  "$(llvm-readelf --program-headers "$library" | awk '$1 == "LOAD" { print $NF }' | sort -u | xargs)"
expect "constructors, thread-local data, relocated text" "" \
  "$({ llvm-readelf --dynamic-table "$library" | grep -oE 'INIT_ARRAY\)|TEXTREL' || true
       llvm-readelf --program-headers "$library" | grep -oE '^ *TLS' || true; } | sort -u | xargs)"
echo "functions that it needs: $(llvm-nm -D --undefined-only -j "$library" | sort | xargs)"
exit $failures
