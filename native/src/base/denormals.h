// Numbers below the smallest normal one count as 0, as in LCE's interpreter, until the scope ends.
//
// LCE's build of TensorFlow Lite sets these bits around every run (its sign of -1e-40 is +1); stock
// runtimes may not. They are the thread's own: other threads that work for a run set them too.
#pragma once

#include "base/libc.h"

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

namespace bvit {

class FlushDenormals {
 public:
#if defined(__x86_64__)
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | kFlushToZero | kAreZero); }
  ~FlushDenormals() { _mm_setcsr(before_); }
#elif defined(__aarch64__)
  FlushDenormals() : before_(read()) { write(before_ | kFlush); }
  ~FlushDenormals() { write(before_); }
#else
  FlushDenormals() : before_(0) {}
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__x86_64__)
  static constexpr unsigned kFlushToZero = 1 << 15, kAreZero = 1 << 6;  // of MXCSR
  unsigned before_;
#else
#if defined(__aarch64__)
  static constexpr uint64_t kFlush = 1 << 24;  // FZ of FPCR
  static uint64_t read() {
    uint64_t value;
    __asm__ volatile("mrs %0, fpcr" : "=r"(value));
    return value;
  }
  static void write(uint64_t value) { __asm__ volatile("msr fpcr, %0" : : "r"(value)); }
#endif
  uint64_t before_;
#endif
};

}  // namespace bvit
