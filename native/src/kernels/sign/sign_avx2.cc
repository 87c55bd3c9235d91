// sign_f32 for AVX2: four comparisons become one movemask.
#include <immintrin.h>

#include "kernels/isa_list.h"
#include "kernels/sign/sign_rows.h"

namespace bvit {
namespace {

struct Word {
  static BVIT_ALWAYS_INLINE __m256i negative(const float* in) {
    return _mm256_castps_si256(
        _mm256_cmp_ps(_mm256_loadu_ps(in), _mm256_setzero_ps(), _CMP_LT_OQ));
  }
  static BVIT_ALWAYS_INLINE uint32_t of(const float* in) {
    // the packs work within halves: dwords of 4 signs come as 0 2 4 6 | 1 3 5 7
    const __m256i low = _mm256_packs_epi32(negative(in), negative(in + 8));
    const __m256i high = _mm256_packs_epi32(negative(in + 16), negative(in + 24));
    const __m256i bytes = _mm256_packs_epi16(low, high);
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    return static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_permutevar8x32_epi32(bytes, order)));
  }
  static BVIT_ALWAYS_INLINE uint32_t tail(const float* in, int count) {
    return sign_word(in, count);
  }
};

}  // namespace

void sign_f32_avx2(const float* in, int64_t rows, int channels, uint32_t* out) {
  sign_rows<Word>(in, rows, channels, out);
}

}  // namespace bvit
