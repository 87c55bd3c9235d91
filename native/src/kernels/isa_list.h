// The instruction sets that kernels exist for, from the least to the best: the only list. It feeds
// the declarations below, dispatch (kernels.cc) and the tests. A row X(name, needs) stands for
// bgemm_i32_<name>, sign_f32_<name> and run_chain_<name>; `needs` is asked of a Cpu named `cpu`.
#pragma once

#include "base/libc.h"

#if defined(__x86_64__)
#define BVIT_ISA_LIST(X)   \
  X(portable, true)        \
  X(avx2, cpu.avx2)        \
  X(avx512, cpu.avx512)
#elif defined(__aarch64__)
#define BVIT_ISA_LIST(X)   \
  X(portable, true)        \
  X(neon, cpu.neon)
#else
#define BVIT_ISA_LIST(X) X(portable, true)
#endif

namespace bvit {

struct Chain;
struct TileContext;

#define BVIT_DECLARE(name, needs)                                                               \
  void bgemm_i32_##name(int rows, int blocks, int kw, const uint32_t* a, ptrdiff_t lda,         \
                        const uint32_t* w, int32_t* acc, ptrdiff_t ldacc);                      \
  void sign_f32_##name(const float* in, int64_t rows, int channels, uint32_t* out);             \
  void run_chain_##name(const Chain& chain, const TileContext& context);
BVIT_ISA_LIST(BVIT_DECLARE)
#undef BVIT_DECLARE

}  // namespace bvit
