// bgemm_i32 for AVX2.
#include "kernels/bgemm/bgemm_rows.h"
#include "kernels/bgemm/bgemm_tile_avx2.h"
#include "kernels/isa_list.h"

namespace bvit {
namespace {

struct Tile {
  template <int R>
  static BVIT_ALWAYS_INLINE void run(const uint32_t* a, ptrdiff_t lda, const uint32_t* w, int kw,
                                     int32_t* acc, ptrdiff_t ldacc) {
    avx2::bgemm_tile_to<R>(avx2::kDifferTables, a, lda, w, kBlock, kw, acc, ldacc);
  }
};

}  // namespace

void bgemm_i32_avx2(int rows, int blocks, int kw, const uint32_t* a, ptrdiff_t lda,
                        const uint32_t* w, int32_t* acc, ptrdiff_t ldacc) {
  bgemm_rows<Tile>(rows, blocks, kw, a, lda, w, acc, ldacc);
}

}  // namespace bvit
