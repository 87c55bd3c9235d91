// sign_f32 for AVX-512: comparisons give bits.
#include <immintrin.h>

#include "kernels/isa_list.h"
#include "kernels/sign/sign_rows.h"

namespace bvit {
namespace {

struct Word {
  static BVIT_ALWAYS_INLINE uint32_t negative(__m512 x) {
    return _mm512_cmp_ps_mask(x, _mm512_setzero_ps(), _CMP_LT_OQ);
  }
  static BVIT_ALWAYS_INLINE uint32_t of(const float* in) {
    return negative(_mm512_loadu_ps(in)) | negative(_mm512_loadu_ps(in + 16)) << 16;
  }
  static BVIT_ALWAYS_INLINE uint32_t tail(const float* in, int count) {
    const uint32_t mask = (1u << count) - 1;  // count < 32; lanes outside are not read
    const __m512 low = _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask), in);
    const __m512 high = _mm512_maskz_loadu_ps(static_cast<__mmask16>(mask >> 16), in + 16);
    return negative(low) | negative(high) << 16;
  }
};

}  // namespace

void sign_f32_avx512(const float* in, int64_t rows, int channels, uint32_t* out) {
  sign_rows<Word>(in, rows, channels, out);
}

}  // namespace bvit
