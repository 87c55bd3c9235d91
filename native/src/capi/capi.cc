// The functions of larq_bvit.h.
#include "larq_bvit.h"

#include "base/export.h"
#include "kernels/bgemm/pack_weights.h"
#include "kernels/kernels.h"

namespace {

const bvit::Kernels* unwrap(const larq_bvit_kernels* kernels) {
  return reinterpret_cast<const bvit::Kernels*>(kernels);
}

}  // namespace

BVIT_EXPORT const larq_bvit_kernels* larq_bvit_find_kernels(const char* name) {
  return reinterpret_cast<const larq_bvit_kernels*>(bvit::find_kernels(name));
}

BVIT_EXPORT const char* larq_bvit_name(const larq_bvit_kernels* kernels) { return unwrap(kernels)->name; }

BVIT_EXPORT void larq_bvit_sign_f32(const larq_bvit_kernels* kernels, const float* in, int64_t rows,
                                    int channels, uint32_t* out) {
  unwrap(kernels)->sign_f32(in, rows, channels, out);
}

BVIT_EXPORT void larq_bvit_pack_weights(const uint32_t* weights, int n, int kw, uint32_t* out) {
  bvit::pack_weights(weights, n, kw, out);
}

BVIT_EXPORT void larq_bvit_bgemm_i32(const larq_bvit_kernels* kernels, int rows, int blocks, int kw,
                                     const uint32_t* a, ptrdiff_t lda, const uint32_t* weights,
                                     int32_t* acc, ptrdiff_t ldacc) {
  unwrap(kernels)->bgemm_i32(rows, blocks, kw, a, lda, weights, acc, ldacc);
}
