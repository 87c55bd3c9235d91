// bgemm_i32 in plain C++.
#include "kernels/bgemm/bgemm_rows.h"
#include "kernels/bgemm/bgemm_tile_portable.h"
#include "kernels/isa_list.h"

namespace bvit {
namespace {

struct Tile {
  template <int R>
  static BVIT_ALWAYS_INLINE void run(const uint32_t* a, ptrdiff_t lda, const uint32_t* w, int kw,
                                     int32_t* acc, ptrdiff_t ldacc) {
    int32_t c[R][kBlock];
    portable::bgemm_tile(a, lda, w, kw, c);
    for (int r = 0; r < R; r++) memcpy(acc + r * ldacc, c[r], sizeof(c[r]));
  }
};

}  // namespace

void bgemm_i32_portable(int rows, int blocks, int kw, const uint32_t* a, ptrdiff_t lda,
                        const uint32_t* w, int32_t* acc, ptrdiff_t ldacc) {
  bgemm_rows<Tile>(rows, blocks, kw, a, lda, w, acc, ldacc);
}

}  // namespace bvit
