// Binary products of R rows x 32 channels for NEON.
//
// Per word and 4 channels: eor (or and), cnt, add of bytes: 3 instructions per 128 binary
// multiply-accumulates, and the bound on all NEON processors. Dot products do not help: udot would
// add up bytes without overflow, but needs a cleared accumulator where the first cnt serves as one,
// and so the same 3 * kw + 1 instructions as byte counts that are widened once (kw <= 31). i8mm
// multiplies 32 bytes per instruction, less than the 128 / 3 here.
//
// Channels are dealt in quads, one register each. 3 rows x 8 quads and 4 rows x 4 quads of counts fit
// the 32 registers beside the broadcast words of `a` and the weights.
#pragma once

#include <arm_neon.h>

#include "base/attributes.h"
#include "base/libc.h"
#include "base/math.h"

namespace bvit {
namespace neon {

struct Differ {
  static BVIT_ALWAYS_INLINE uint8x16_t of(uint8x16_t a, uint8x16_t w) { return veorq_u8(a, w); }
};
struct Common {
  static BVIT_ALWAYS_INLINE uint8x16_t of(uint8x16_t a, uint8x16_t w) { return vandq_u8(a, w); }
};

// A byte holds the counts of 31 words: 31 * 8 <= 255.
constexpr int kWordsPerByteCount = 31;

// The word at `*a` in all lanes; `*a` moves on. The compiler would take a load and a dup.
static BVIT_ALWAYS_INLINE uint8x16_t next_word(const uint32_t** a) {
  uint32x4_t word;
  asm("ld1r {%0.4s}, [%1], #4" : "=w"(word), "+r"(*a) : "m"(**a));
  return vreinterpretq_u8_u32(word);
}

// bytes[i][r] = or += bits per byte of R rows and quad i of two. Row by row in each step, so that
// processors that execute in order need not wait for the instruction before.
template <class Bits, bool kFirst, int R>
static BVIT_ALWAYS_INLINE void count_two_quads(const uint8x16_t (&x)[R], const uint32_t* w,
                                               uint8x16_t (&bytes)[2][R]) {
  const uint8x16_t y[2] = {vreinterpretq_u8_u32(vld1q_u32(w)),
                           vreinterpretq_u8_u32(vld1q_u32(w + 4))};
  BVIT_UNROLL_ALL for (int i = 0; i < 2; i++) {
    uint8x16_t ones[R];
    BVIT_UNROLL_ALL for (int r = 0; r < R; r++) ones[r] = Bits::of(x[r], y[i]);
    BVIT_UNROLL_ALL for (int r = 0; r < R; r++) ones[r] = vcntq_u8(ones[r]);
    BVIT_UNROLL_ALL for (int r = 0; r < R; r++)
      bytes[i][r] = kFirst ? ones[r] : vaddq_u8(bytes[i][r], ones[r]);
  }
}

// bytes[q][i][r] = counts of row r and channels 8 * q + 4 * i on, over 1 <= kw <= 31 words, still per
// byte.
template <class Bits, int R, int Q>
static BVIT_ALWAYS_INLINE void count_bytes(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                           ptrdiff_t ldw, int kw, uint8x16_t (&bytes)[Q][2][R]) {
  const uint32_t* row[R];
  uint8x16_t x[R];
  BVIT_UNROLL_ALL for (int r = 0; r < R; r++) row[r] = a + r * lda;
  BVIT_UNROLL_ALL for (int r = 0; r < R; r++) x[r] = next_word(&row[r]);
  BVIT_UNROLL_ALL for (int q = 0; q < Q; q++)
    count_two_quads<Bits, true>(x, w + 8 * q, bytes[q]);
  BVIT_UNROLL_NONE for (int left = kw - 1; left > 0; left--) {
    w += ldw;
    BVIT_UNROLL_ALL for (int r = 0; r < R; r++) x[r] = next_word(&row[r]);
    BVIT_UNROLL_ALL for (int q = 0; q < Q; q++)
      count_two_quads<Bits, false>(x, w + 8 * q, bytes[q]);
  }
}

// 4 counts = or += the sums of 4 bytes each
static BVIT_ALWAYS_INLINE void widen(uint8x16_t bytes, bool first, int32_t* c) {
  uint32x4_t count = vpaddlq_u16(vpaddlq_u8(bytes));
  if (!first) count = vaddq_u32(count, vreinterpretq_u32_s32(vld1q_s32(c)));
  vst1q_s32(c, vreinterpretq_s32_u32(count));
}

// R rows x 8 * Q channels.
template <class Bits, int R, int Q>
static BVIT_ALWAYS_INLINE void count_part(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                          ptrdiff_t ldw, int kw, int32_t* c, ptrdiff_t ldc) {
  // Forgets what the compiler knows of c, or it keeps counts in registers and 28 addresses on the
  // stack.
  asm("" : "+r"(c), "+r"(ldc));
  BVIT_UNROLL_NONE for (int begin = 0; begin < kw; begin += kWordsPerByteCount) {
    uint8x16_t bytes[Q][2][R];
    count_bytes<Bits>(a + begin, lda, w + begin * ldw, ldw, min(kw - begin, kWordsPerByteCount),
                      bytes);
    int32_t* to = c;
    BVIT_UNROLL_ALL for (int r = 0; r < R; r++, to += ldc) {
      BVIT_UNROLL_ALL for (int q = 0; q < Q; q++) {
        widen(bytes[q][0][r], begin == 0, to + 8 * q);
        widen(bytes[q][1][r], begin == 0, to + 8 * q + 4);
      }
    }
  }
}

// kw >= 1. `ldw`: words from one step of k to the next; `ldc`: counts from one row to the next.
template <class Bits, int R>
static BVIT_ALWAYS_INLINE void bgemm_tile_to(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                             ptrdiff_t ldw, int kw, int32_t* c, ptrdiff_t ldc) {
  constexpr int kFour = R >= 4 ? 4 : 0, kRest = R - kFour;
  static_assert(kRest <= 3, "tiles have up to 7 rows");
  if constexpr (kFour > 0) {
    count_part<Bits, 4, 2>(a, lda, w, ldw, kw, c, ldc);
    count_part<Bits, 4, 2>(a, lda, w + 16, ldw, kw, c + 16, ldc);
  }
  if constexpr (kRest > 0)
    count_part<Bits, kRest, 4>(a + kFour * lda, lda, w, ldw, kw, c + kFour * ldc, ldc);
}

// c[r][n] = number of bits in which row r of `a` and channel n of `w` ([kw][32] words) differ.
template <int R>
static BVIT_ALWAYS_INLINE void bgemm_tile(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                          int kw, int32_t (&c)[R][32]) {
  bgemm_tile_to<Differ, R>(a, lda, w, 32, kw, c[0], 32);
}

// c[r][n] = number of bits that are 1 in both.
template <int R>
static BVIT_ALWAYS_INLINE void bgemm_tile_and(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                              ptrdiff_t ldw, int kw, int32_t (&c)[R][32]) {
  bgemm_tile_to<Common, R>(a, lda, w, ldw, kw, c[0], 32);
}

}  // namespace neon
}  // namespace bvit
