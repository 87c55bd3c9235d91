// bgemm_i32 for AVX-512 with VPOPCNTDQ.
#include "kernels/bgemm/bgemm_rows.h"
#include "kernels/bgemm/bgemm_tile_avx512.h"
#include "kernels/isa_list.h"

namespace bvit {
namespace {

struct Tile {
  template <int R>
  static BVIT_ALWAYS_INLINE void run(const uint32_t* a, ptrdiff_t lda, const uint32_t* w, int kw,
                                     int32_t* acc, ptrdiff_t ldacc) {
    __m512i c[R][2];
    avx512::bgemm_tile(a, lda, w, kw, c);
    BVIT_UNROLL_ALL for (int r = 0; r < R; r++) {
      _mm512_storeu_si512(acc + r * ldacc, c[r][0]);
      _mm512_storeu_si512(acc + r * ldacc + 16, c[r][1]);
    }
  }
};

}  // namespace

void bgemm_i32_avx512(int rows, int blocks, int kw, const uint32_t* a, ptrdiff_t lda,
                      const uint32_t* w, int32_t* acc, ptrdiff_t ldacc) {
  bgemm_rows<Tile>(rows, blocks, kw, a, lda, w, acc, ldacc);
}

}  // namespace bvit
