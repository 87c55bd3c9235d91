// What this processor and its operating system can run, in the groups that kernels are written for.
#pragma once

namespace bvit {

struct Cpu {
  bool avx2 = false;    // AVX2, FMA and F16C
  bool avx512 = false;  // F, BW, VL, DQ and VPOPCNTDQ, besides avx2
  bool neon = false;    // aarch64's Advanced SIMD
};

Cpu detect_cpu();

}  // namespace bvit
