// The program's first instruction, where the compiler's start-up files won't do: Android's are in an
// NDK, and those of a new glibc ask for __libc_start_main@GLIBC_2.34, which old systems lack. No
// constructor or destructor is there to be run.
#include "runner/libc.h"
#include "runner/old_glibc.h"

int main(int count, char** words);

#if defined(LARQ_BVIT_FREESTANDING) || defined(LARQ_BVIT_OLD_GLIBC)

#if defined(__x86_64__)
// On entry: the argument count at rsp, and in rdx what to call at the end.
__asm__(
    ".globl _start\n"
    ".type _start, @function\n"
    "_start:\n"
    "  xorl %ebp, %ebp\n"
    "  movq %rsp, %rdi\n"
    "  movq %rdx, %rsi\n"
    "  andq $-16, %rsp\n"
    "  call larq_bvit_start\n"
    "  hlt\n");
#elif defined(__aarch64__)
__asm__(
    ".globl _start\n"
    ".type _start, %function\n"
    "_start:\n"
    "  mov x29, #0\n"
    "  mov x30, #0\n"
    "  mov x1, x0\n"
    "  mov x0, sp\n"
    "  b larq_bvit_start\n");
#else
#error "start.cc is for x86-64 and aarch64"
#endif

#ifdef LARQ_BVIT_FREESTANDING

namespace {

// There are no constructors and destructors, nor what later Androids may look for behind them.
const void* const kNoStructors[8] = {};

int run_main(int count, char** words, char**) { return main(count, words); }

}  // namespace

extern "C" [[noreturn]] void larq_bvit_start(void* stack, void (*)(void)) {
  __libc_init(stack, nullptr, run_main, kNoStructors);
}

#else

extern "C" int __libc_start_main(int (*main)(int, char**, char**), int count, char** words,
                                 void (*init)(void), void (*fini)(void), void (*at_end)(void),
                                 void* stack_end);

namespace {

int run_main(int count, char** words, char**) { return main(count, words); }

}  // namespace

extern "C" [[noreturn]] void larq_bvit_start(void* stack, void (*at_end)(void)) {
  char** words = static_cast<char**>(stack) + 1;
  const int count = static_cast<int>(*static_cast<long*>(stack));
  __libc_start_main(run_main, count, words, nullptr, nullptr, at_end, stack);
  __builtin_trap();
}

#endif
#endif
