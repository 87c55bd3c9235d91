// Binary products of R rows x 32 channels for AVX2, by shuffles (see popcount_tables.h).
//
// The weights of 32 channels are regrouped so that a register holds the same byte of k of all of
// them; then each byte of `a` costs two table loads, two shuffles and two additions of bytes, per 32
// channels x 8 bits. At two shuffles per cycle (Zen, Ice Lake and later) the limit is 256 binary
// multiply-accumulates per cycle; xor, shift, masks and table would need 8 instructions instead of 4.
#pragma once

#include <immintrin.h>

#include "base/attributes.h"
#include "base/libc.h"
#include "base/math.h"
#include "kernels/bgemm/popcount_tables.h"

namespace bvit {
namespace avx2 {

// Constants of the file that includes this, for no linker to merge across instruction sets.
static constexpr NibbleTables kDifferTables = make_tables([](int a, int w) { return a ^ w; });
static constexpr NibbleTables kCommonTables = make_tables([](int a, int w) { return a & w; });

// A byte holds the counts of 7 words: 7 * 32 <= 255.
constexpr int kWordsPerByteCount = 7;

// 32 words -> 4 registers: byte j of each word, in the order 0-3 8-11 16-19 24-27 | 4-7 12-15 ...
static BVIT_ALWAYS_INLINE void transpose_bytes(const uint32_t* w, __m256i (&plane)[4]) {
  const __m256i by_byte = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  __m256i v[4];
  BVIT_UNROLL_ALL for (int i = 0; i < 4; i++) v[i] = _mm256_shuffle_epi8(
      _mm256_loadu_si256(reinterpret_cast<const __m256i*>(w + 8 * i)), by_byte);
  const __m256i a = _mm256_unpacklo_epi32(v[0], v[1]), b = _mm256_unpackhi_epi32(v[0], v[1]);
  const __m256i c = _mm256_unpacklo_epi32(v[2], v[3]), d = _mm256_unpackhi_epi32(v[2], v[3]);
  plane[0] = _mm256_unpacklo_epi64(a, c);
  plane[1] = _mm256_unpackhi_epi64(a, c);
  plane[2] = _mm256_unpacklo_epi64(b, d);
  plane[3] = _mm256_unpackhi_epi64(b, d);
}

static BVIT_ALWAYS_INLINE __m256i table(const uint8_t (&entry)[16]) {
  return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(entry)));
}

// Left to itself, g++ 12 collects shuffles on the stack and adds them up in the end.
static BVIT_ALWAYS_INLINE void accumulate(__m256i& bytes, __m256i more) {
  asm("vpaddb %1, %0, %0" : "+x"(bytes) : "x"(more));
}

// 32 counts of `c` = or += bytes; undoes the order of transpose_bytes.
static BVIT_ALWAYS_INLINE void add_bytes(__m256i bytes, int32_t* c, bool first) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i low = _mm256_unpacklo_epi8(bytes, zero), high = _mm256_unpackhi_epi8(bytes, zero);
  const __m256i wide[4] = {_mm256_unpacklo_epi16(low, zero), _mm256_unpackhi_epi16(low, zero),
                           _mm256_unpacklo_epi16(high, zero), _mm256_unpackhi_epi16(high, zero)};
  BVIT_UNROLL_ALL for (int i = 0; i < 4; i++) {
    __m256i* to = reinterpret_cast<__m256i*>(c + 8 * i);
    const __m256i sum = first ? wide[i] : _mm256_add_epi32(wide[i], _mm256_loadu_si256(to));
    _mm256_storeu_si256(to, sum);
  }
}

// kw >= 1. `ldw`: words from one step of k to the next; `ldc`: counts from one row to the next.
template <int R>
static BVIT_ALWAYS_INLINE void bgemm_tile_to(const NibbleTables& tables, const uint32_t* a,
                                             ptrdiff_t lda, const uint32_t* w, ptrdiff_t ldw,
                                             int kw, int32_t* c, ptrdiff_t ldc) {
  const __m256i nibble = _mm256_set1_epi8(15);
  for (int begin = 0; begin < kw; begin += kWordsPerByteCount) {
    const int end = min(kw, begin + kWordsPerByteCount);
    __m256i bytes[R];
    BVIT_UNROLL_ALL for (int r = 0; r < R; r++) bytes[r] = _mm256_setzero_si256();
    BVIT_UNROLL_NONE for (int k = begin; k < end; k++) {
      __m256i plane[4];
      transpose_bytes(w + k * ldw, plane);
      const uint8_t* words = reinterpret_cast<const uint8_t*>(a + k);
      BVIT_UNROLL_ALL for (int j = 0; j < 4; j++) {
        const __m256i low = _mm256_and_si256(plane[j], nibble);
        const __m256i high = _mm256_and_si256(_mm256_srli_epi16(plane[j], 4), nibble);
        BVIT_UNROLL_ALL for (int r = 0; r < R; r++) {
          const auto& counts = tables.of_byte[words[4 * r * lda + j]];
          accumulate(bytes[r], _mm256_shuffle_epi8(table(counts[0]), low));
          accumulate(bytes[r], _mm256_shuffle_epi8(table(counts[1]), high));
        }
      }
    }
    BVIT_UNROLL_ALL for (int r = 0; r < R; r++) add_bytes(bytes[r], c + r * ldc, begin == 0);
  }
}

// c[r][n] = number of bits in which row r of `a` and channel n of `w` ([kw][32] words) differ.
template <int R>
static BVIT_ALWAYS_INLINE void bgemm_tile(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                          int kw, int32_t (&c)[R][32]) {
  bgemm_tile_to<R>(kDifferTables, a, lda, w, 32, kw, c[0], 32);
}

// c[r][n] = number of bits that are 1 in both.
template <int R>
static BVIT_ALWAYS_INLINE void bgemm_tile_and(const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                                              ptrdiff_t ldw, int kw, int32_t (&c)[R][32]) {
  bgemm_tile_to<R>(kCommonTables, a, lda, w, ldw, kw, c[0], 32);
}

}  // namespace avx2
}  // namespace bvit
