#if defined(__aarch64__)

#include "base/libc.h"
#include "isa/cpu.h"

#if defined(__linux__) && !defined(LARQ_BVIT_FREESTANDING)
#include <sys/auxv.h>
#endif

namespace bvit {

Cpu detect_cpu() {
  Cpu cpu;
#if defined(__linux__)
  constexpr unsigned long kHwcap = 16, kAsimd = 1 << 1;  // AT_HWCAP, HWCAP_ASIMD
  cpu.neon = (getauxval(kHwcap) & kAsimd) != 0;
#else
  cpu.neon = true;  // part of the base architecture
#endif
  return cpu;
}

}  // namespace bvit

#endif
