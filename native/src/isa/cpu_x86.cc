#if defined(__x86_64__)

#include <cpuid.h>

#include "base/libc.h"
#include "isa/cpu.h"

namespace bvit {
namespace {

// XCR0 says which registers the operating system saves: xmm and ymm; then opmasks and zmm as well.
constexpr uint64_t kSavesYmm = 0x06, kSavesZmm = 0xe6;

uint64_t read_xcr0() {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

struct Leaf {
  uint32_t a = 0, b = 0, c = 0, d = 0;
  explicit Leaf(uint32_t number) {
    // leaves beyond the processor's last one stay 0
    if (!__get_cpuid_count(number, 0, &a, &b, &c, &d)) a = b = c = d = 0;
  }
};

constexpr bool all(uint32_t value, uint32_t bits) { return (value & bits) == bits; }

}  // namespace

Cpu detect_cpu() {
  constexpr uint32_t kOne = 1;
  Cpu cpu;
  const Leaf one(1), seven(7);
  const uint32_t avx = kOne << 28 | kOne << 27 | kOne << 12 | kOne << 29;  // AVX, OSXSAVE, FMA, F16C
  if (!all(one.c, avx)) return cpu;
  const uint64_t xcr0 = read_xcr0();
  cpu.avx2 = (xcr0 & kSavesYmm) == kSavesYmm && all(seven.b, kOne << 5);
  const uint32_t avx512_b = kOne << 16 | kOne << 17 | kOne << 30 | kOne << 31;  // F, DQ, BW, VL
  cpu.avx512 = cpu.avx2 && (xcr0 & kSavesZmm) == kSavesZmm && all(seven.b, avx512_b) &&
               all(seven.c, kOne << 14);  // VPOPCNTDQ
  return cpu;
}

}  // namespace bvit

#endif
