#!/bin/sh
# `make arm`: cross-compiles the delegate for aarch64 and runs it under emulation.
#
#   run.sh <folder> [step...]     steps: build tests count models runner, all of them by default;
#                                 android android_runner
#
# tests: the kernels' tests. count: instructions per kernel against NEON's bound. models: single layers
# and whole models in a stock aarch64 LiteRT, against Larq Compute Engine on this machine; PYTHON is a
# Python with larq_bvit, MODELS are NAME:PIXELS:CLASSES of the zoo. android: the same with Android's
# library (ANDROID, of `make android`), with glibc in the place of Android's libc: that tries its code,
# not Android. runner: the same cases by larq_bvit_runner in TensorFlow Lite's C library; android_runner:
# by Android's. Emulation proves that results are right and counts instructions; of time it says nothing.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: run.sh <folder> [build|tests|count|models|runner|android|android_runner]...}
shift
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
python=${PYTHON:-python3}
root=/usr/aarch64-linux-gnu # libc for the cross compiler

for need in cmake aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v $need > /dev/null || {
    echo "error: $need is missing (on Debian: apt install cmake g++-aarch64-linux-gnu qemu-user)" >&2
    exit 1
  }
done

build() {
  cmake -S "$here/.." -B "$folder/build" -DCMAKE_TOOLCHAIN_FILE="$here/toolchain.cmake" \
    -DLARQ_BVIT_TESTS=ON > "$folder/cmake.log"
  cmake --build "$folder/build" --parallel 2 > "$folder/build.log" || {
    tail -n 40 "$folder/build.log" >&2
    exit 1
  }
  echo "built $folder/build/liblarq_bvit_delegate.so"
}

tests() {
  ctest --test-dir "$folder/build" --output-on-failure
}

count() {
  ${CC:-cc} -O2 -fPIC -shared -o "$folder/libcount_plugin.so" "$here/count_plugin.c"
  if ! qemu-aarch64 -L $root -plugin "$folder/libcount_plugin.so,out=/dev/null" \
    "$folder/build/tests/run_kernel" neon 0 sign 1 32 2> "$folder/plugin.log"; then
    echo "no instruction counts: this qemu takes no plugins of version 1 (Debian 12's does):" >&2
    cat "$folder/plugin.log" >&2
    return
  fi
  "$python" "$here/count_instructions.py" "$folder/instructions.jsonl" \
    "$folder/build/tests/run_kernel" "$folder/libcount_plugin.so" qemu-aarch64 -L $root
}

# Larq Compute Engine's outputs, made once for a set of models.
make_cases() {
  if [ -n "${MODELS:-}" ] || [ ! -f "$folder/cases/done" ]; then
    rm -rf "$folder/cases"
    echo "models, and what Larq Compute Engine computes:"
    # shellcheck disable=SC2086 # several models
    TF_USE_LEGACY_KERAS=1 TF_CPP_MIN_LOG_LEVEL=3 PYTHONPATH=$here/../.. \
      "$python" "$here/make_cases.py" "$folder/cases" ${MODELS:-} 2> "$folder/cases.log" || {
      tail -n 30 "$folder/cases.log" >&2
      exit 1
    }
    touch "$folder/cases/done"
  fi
}

# run_cases <library> <results>
run_cases() {
  "$here/sysroot.sh" "$folder/sysroot" "$python"
  make_cases
  # Android's library asks for libc.so and libm.so
  mkdir -p "$folder/glibc"
  for name in libc libm; do
    ln -sf "$folder/sysroot/root/lib/aarch64-linux-gnu/$name.so.6" "$folder/glibc/$name.so"
  done
  PYTHONPATH=$folder/sysroot/site "$folder/sysroot/qemu/usr/bin/qemu-aarch64" \
    -E LD_LIBRARY_PATH="$folder/glibc" -L "$folder/sysroot/root" \
    "$folder/sysroot/root/usr/bin/python3.11" "$here/run_cases.py" "$1" "$folder/cases" "$2"
}

models() {
  run_cases "$folder/build/liblarq_bvit_delegate.so" "$folder/models.jsonl"
}

android() {
  library=${ANDROID:-$folder/../android/liblarq_bvit_delegate.so}
  [ -f "$library" ] || { echo "error: no library $library; make android" >&2; exit 1; }
  run_cases "$library" "$folder/android.jsonl"
}

# run_runner <delegate> <folders of libraries> <runner>
run_runner() {
  c_library=$("$here/c_library.sh" "$folder/c_library")
  lib=$folder/c_library/lib
  make_cases
  PYTHONPATH=$here/../.. "$python" -m native.arm.run_runner "$folder/cases" "$c_library" "$1" \
    qemu-aarch64 "$lib/ld-linux-aarch64.so.1" --library-path "$2$lib" "$3"
}

runner() {
  run_runner "$folder/build/liblarq_bvit_delegate.so" "" "$folder/build/larq_bvit_runner"
}

android_runner() {
  built=${ANDROID:-$folder/../android/liblarq_bvit_delegate.so}
  program=$(dirname "$built")/larq_bvit_runner
  [ -f "$program" ] || { echo "error: no program $program; make android" >&2; exit 1; }
  # the program asks for Android's libc.so and libdl.so, the library for libm.so, too
  mkdir -p "$folder/bionic"
  aarch64-linux-gnu-gcc -O2 -shared -fPIC -Wl,-soname,libc.so -o "$folder/bionic/libc.so" \
    "$here/bionic_start.c"
  ln -sf ../c_library/lib/libdl.so.2 "$folder/bionic/libdl.so"
  ln -sf ../c_library/lib/libm.so.6 "$folder/bionic/libm.so"
  run_runner "$built" "$folder/bionic:" "$program"
}

for step in "${@:-all}"; do
  case $step in
    all) build && tests && count && models && runner ;;
    build | tests | count | models | runner | android | android_runner) $step ;;
    *)
      echo "error: expected build, tests, count, models, runner, android or android_runner;" \
        "got '$step'" >&2
      exit 1
      ;;
  esac
done
