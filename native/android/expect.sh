# What the checks of this folder share; they set `file` and end by `exit $failures`.
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
  llvm-readelf --dynamic-table "$file" | sed -n "s/.*($1).*\[\(.*\)\].*/\1/p" | sort | xargs
}

# a line of the file's header
header() {
  llvm-readelf --file-headers "$file" | sed -n "s/ *$1: *//p"
}

# of any file for 64-bit ARM Android
expect_android() {
  expect "machine" "AArch64" "$(header Machine)"
  expect "alignment of its segments" "0x4000" \
    "$(llvm-readelf --program-headers "$file" | awk '$1 == "LOAD" { print $NF }' | sort -u | xargs)"
  expect "constructors, thread-local data, relocated text" "" \
    "$({ llvm-readelf --dynamic-table "$file" | grep -oE 'INIT_ARRAY\)|TEXTREL' || true
         llvm-readelf --program-headers "$file" | grep -oE '^ *TLS' || true; } | sort -u | xargs)"
  echo "functions that it needs: $(llvm-nm -D --undefined-only -j "$file" | sort | xargs)"
}
