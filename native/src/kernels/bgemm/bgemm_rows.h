// A binary product of any number of rows, from tiles of 7, 4, 2 and 1 rows x 32 channels.
#pragma once

#include "base/attributes.h"
#include "base/libc.h"
#include "kernels/kernels.h"

namespace bvit {

// Tile::run<R>(a, lda, w, kw, acc, ldacc) writes the counts of R rows x 32 channels to memory.
template <class Tile, int R>
static BVIT_ALWAYS_INLINE void bgemm_strip(int blocks, int kw, const uint32_t* a, ptrdiff_t lda,
                                           const uint32_t* w, int32_t* acc, ptrdiff_t ldacc) {
  const ptrdiff_t block_words = static_cast<ptrdiff_t>(kw) * kBlock;
  for (int block = 0; block < blocks; block++, w += block_words, acc += kBlock)
    Tile::template run<R>(a, lda, w, kw, acc, ldacc);
}

// Rows outside, channels inside: a strip of `a` stays in L1 while the weights stream from L2.
template <class Tile>
static BVIT_ALWAYS_INLINE void bgemm_rows(int rows, int blocks, int kw, const uint32_t* a,
                                          ptrdiff_t lda, const uint32_t* w, int32_t* acc,
                                          ptrdiff_t ldacc) {
  if (kw == 0) {
    for (int m = 0; m < rows; m++)
      memset(acc + m * ldacc, 0, static_cast<size_t>(blocks) * kBlock * sizeof(*acc));
    return;
  }
  for (; rows >= 7; rows -= 7, a += 7 * lda, acc += 7 * ldacc)
    bgemm_strip<Tile, 7>(blocks, kw, a, lda, w, acc, ldacc);
  if (rows & 4) {
    bgemm_strip<Tile, 4>(blocks, kw, a, lda, w, acc, ldacc);
    a += 4 * lda, acc += 4 * ldacc;
  }
  if (rows & 2) {
    bgemm_strip<Tile, 2>(blocks, kw, a, lda, w, acc, ldacc);
    a += 2 * lda, acc += 2 * ldacc;
  }
  if (rows & 1) bgemm_strip<Tile, 1>(blocks, kw, a, lda, w, acc, ldacc);
}

}  // namespace bvit
