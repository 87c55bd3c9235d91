// Binary products of R rows x 32 channels that stay in registers, for AVX-512 with VPOPCNTDQ.
//
// Per word and 16 channels: xor (or and), popcount, add: 3 uops on 2 ports, so 341 binary
// multiply-accumulates per cycle are the limit. 7 rows x 2 registers of counts, 2 of weights and the
// temporaries fit the 32 registers; the words of `a` are broadcast by the xor's memory operand.
#pragma once

#include <immintrin.h>

#include "base/attributes.h"
#include "base/libc.h"

namespace bvit {
namespace avx512 {

// Left to itself, g++ 12 hoists broadcasts into stack slots, copies accumulators once per step and
// unrolls the loop over k into spills: hence instructions by name.
struct Differ {
  static BVIT_ALWAYS_INLINE __m512i of(__m512i w, const uint32_t* a) {
    __m512i bits;
    asm("vpxord %2%{1to16%}, %1, %0" : "=v"(bits) : "v"(w), "m"(*a));
    return bits;
  }
};
struct Common {
  static BVIT_ALWAYS_INLINE __m512i of(__m512i w, const uint32_t* a) {
    __m512i bits;
    asm("vpandd %2%{1to16%}, %1, %0" : "=v"(bits) : "v"(w), "m"(*a));
    return bits;
  }
};
static BVIT_ALWAYS_INLINE void accumulate(__m512i& count, __m512i more) {
  asm("vpaddd %1, %0, %0" : "+v"(count) : "v"(more));
}

// kw >= 1. `ldw`: words from one step of k to the next.
template <class Bits, int R>
static BVIT_ALWAYS_INLINE void bgemm_tile_of(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                             ptrdiff_t ldw, int kw, __m512i (&c)[R][2]) {
  {
    const __m512i w0 = _mm512_loadu_si512(w), w1 = _mm512_loadu_si512(w + 16);
    BVIT_UNROLL_ALL for (int r = 0; r < R; r++) {
      c[r][0] = _mm512_popcnt_epi32(Bits::of(w0, a + r * lda));
      c[r][1] = _mm512_popcnt_epi32(Bits::of(w1, a + r * lda));
    }
  }
  BVIT_UNROLL_NONE for (int k = 1; k < kw; k++) {
    w += ldw;
    const __m512i w0 = _mm512_loadu_si512(w), w1 = _mm512_loadu_si512(w + 16);
    BVIT_UNROLL_ALL for (int r = 0; r < R; r++) {
      accumulate(c[r][0], _mm512_popcnt_epi32(Bits::of(w0, a + r * lda + k)));
      accumulate(c[r][1], _mm512_popcnt_epi32(Bits::of(w1, a + r * lda + k)));
    }
  }
}

// c[r][n] = number of bits in which row r of `a` and channel n of `w` ([kw][32] words) differ.
template <int R>
static BVIT_ALWAYS_INLINE void bgemm_tile(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                          int kw, __m512i (&c)[R][2]) {
  bgemm_tile_of<Differ>(a, lda, w, 32, kw, c);
}

// c[r][n] = number of bits that are 1 in both.
template <int R>
static BVIT_ALWAYS_INLINE void bgemm_tile_and(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                              ptrdiff_t ldw, int kw, __m512i (&c)[R][2]) {
  bgemm_tile_of<Common>(a, lda, w, ldw, kw, c);
}

}  // namespace avx512
}  // namespace bvit
