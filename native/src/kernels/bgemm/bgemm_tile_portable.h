// Binary products of R rows x 32 channels in plain C++ that compilers turn into vectors.
#pragma once

#include "base/attributes.h"
#include "base/libc.h"
#include "base/math.h"

namespace bvit {
namespace portable {

struct Differ {
  static BVIT_ALWAYS_INLINE uint32_t of(uint32_t a, uint32_t w) { return a ^ w; }
};
struct Common {
  static BVIT_ALWAYS_INLINE uint32_t of(uint32_t a, uint32_t w) { return a & w; }
};

// The number of ones of each byte, in that byte.
static BVIT_ALWAYS_INLINE uint32_t byte_counts(uint32_t x) {
  x -= x >> 1 & 0x55555555u;
  x = (x & 0x33333333u) + (x >> 2 & 0x33333333u);
  return (x + (x >> 4)) & 0x0f0f0f0fu;
}

// A byte holds the counts of 31 words: 31 * 8 <= 255.
constexpr int kWordsPerByteCount = 31;

// kw >= 0. `ldw`: words from one step of k to the next.
template <class Bits, int R>
static BVIT_ALWAYS_INLINE void bgemm_tile_of(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                             ptrdiff_t ldw, int kw, int32_t (&c)[R][32]) {
  for (int r = 0; r < R; r++) {
    for (int n = 0; n < 32; n++) c[r][n] = 0;
    for (int begin = 0; begin < kw; begin += kWordsPerByteCount) {
      const int end = min(kw, begin + kWordsPerByteCount);
      uint32_t bytes[32] = {};
      for (int k = begin; k < end; k++)
        for (int n = 0; n < 32; n++) bytes[n] += byte_counts(Bits::of(a[r * lda + k], w[k * ldw + n]));
      for (int n = 0; n < 32; n++) {
        const uint32_t pairs = (bytes[n] & 0x00ff00ffu) + (bytes[n] >> 8 & 0x00ff00ffu);
        c[r][n] += static_cast<int32_t>((pairs & 0xffffu) + (pairs >> 16));
      }
    }
  }
}

// c[r][n] = number of bits in which row r of `a` and channel n of `w` ([kw][32] words) differ.
template <int R>
static BVIT_ALWAYS_INLINE void bgemm_tile(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                          int kw, int32_t (&c)[R][32]) {
  bgemm_tile_of<Differ>(a, lda, w, 32, kw, c);
}

// c[r][n] = number of bits that are 1 in both.
template <int R>
static BVIT_ALWAYS_INLINE void bgemm_tile_and(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                              ptrdiff_t ldw, int kw, int32_t (&c)[R][32]) {
  bgemm_tile_of<Common>(a, lda, w, ldw, kw, c);
}

}  // namespace portable
}  // namespace bvit
