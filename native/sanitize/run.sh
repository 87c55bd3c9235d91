#!/bin/sh
# `make sanitize`: the kernels' tests and tests/native, on a delegate that is built with sanitizers.
#
#   run.sh <folder> [address|thread]...     both by default
#
# address: AddressSanitizer and UndefinedBehaviorSanitizer. thread: ThreadSanitizer. Whatever one of
# them reports ends the process and fails. Python and the runtimes are built without: of them they
# see what they allocate and lock, and the options below leave out what is theirs. PYTHON is a Python
# with larq_bvit; TESTS are other arguments for pytest, such as one file.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?usage: run.sh <folder> [address|thread]...}
shift
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
python=${PYTHON:-python3}

for need in cmake gcc g++; do
  command -v $need > /dev/null || {
    echo "error: $need is missing (on Debian: apt install cmake g++)" >&2
    exit 1
  }
done

# Files that need TensorFlow's converter or a compiler are slow under a sanitizer and add nothing to it.
slow="cross_builds kernels fuzz_seeds exact_models fused_keras fused_models fused_segments"

# build <sanitizers> <folder>
build() {
  cmake -S "$here/.." -B "$2" -DLARQ_BVIT_SANITIZE="$1" -DLARQ_BVIT_TESTS=ON \
    -DCMAKE_C_COMPILER=gcc -DCMAKE_CXX_COMPILER=g++ > "$folder/cmake.log"
  cmake --build "$2" --parallel "${JOBS:-2}" > "$2.log" 2>&1 || {
    tail -n 40 "$2.log" >&2
    exit 1
  }
  echo "built $2/liblarq_bvit_delegate.so with $1"
  ctest --test-dir "$2" --output-on-failure
}

# in_python <folder of the build> <libraries to load first> [argument of pytest]...
in_python() {
  library=$1/liblarq_bvit_delegate.so libraries=$2
  shift 2
  ignored=""
  for name in $slow; do ignored="$ignored --ignore=tests/native/test_$name.py"; done
  cd "$here/../.."
  # No fault handler: it would come before the sanitizer's. A process that ends at once must have
  # written its report to our stderr, not to pytest's file.
  # shellcheck disable=SC2086 # several arguments each
  LD_PRELOAD=$libraries LARQ_BVIT_DELEGATE=$library TF_CPP_MIN_LOG_LEVEL=3 \
    "$python" -m pytest --capture=sys -p no:faulthandler -p no:cacheprovider $ignored "$@" ${TESTS:-tests/native}
}

address() {
  build address,undefined "$folder/address"
  # Leaks: Python and TensorFlow leave their own at the end; test_lifetimes.py watches ours, but not
  # here, where freed memory is kept for a while. With the filling, reading it gives no old values.
  # libstdc++: TensorFlow throws, and the sanitizer must find the function for it at the start.
  ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1:max_free_fill_size=65536:free_fill_byte=90 \
    UBSAN_OPTIONS=print_stacktrace=1 \
    in_python "$folder/address" \
    "$(gcc -print-file-name=libasan.so):$(gcc -print-file-name=libstdc++.so)" \
    -k "not memory_does_not_grow"
}

thread() {
  build thread "$folder/thread"
  # Modules without it: it sees no atomics of theirs, so all that they share would be a race. Fork: it
  # can't follow new threads in a child that has lost its parent's.
  TSAN_OPTIONS=ignore_noninstrumented_modules=1:halt_on_error=1 \
    in_python "$folder/thread" "$(gcc -print-file-name=libtsan.so)" \
    -k "not memory_does_not_grow and not test_fork"
}

for step in "${@:-all}"; do
  case $step in
    all)
      address
      thread
      ;;
    address | thread) $step ;;
    *) echo "error: expected address or thread; got '$step'" >&2 && exit 1 ;;
  esac
done
echo "no reports"
