#include "kernels/bgemm/bgemm_tile_avx512.h"
#include "tile_entry.h"

namespace bvit {
namespace test {

void entry_avx512(bool common, const uint32_t* a, ptrdiff_t lda, const uint32_t* w, ptrdiff_t ldw,
                  int kw, int32_t (*c)[32]) {
  __m512i counts[kTileRows][2];
  if (common)
    avx512::bgemm_tile_and(a, lda, w, ldw, kw, counts);
  else
    avx512::bgemm_tile(a, lda, w, kw, counts);
  for (int r = 0; r < kTileRows; r++) {
    _mm512_storeu_si512(c[r], counts[r][0]);
    _mm512_storeu_si512(c[r] + 16, counts[r][1]);
  }
}

}  // namespace test
}  // namespace bvit
