// Signs of any number of rows, from words of 32 signs.
#pragma once

#include "base/attributes.h"
#include "base/libc.h"

namespace bvit {

// Bit i: in[i] < 0, for the first count <= 32 numbers; no bit behind them.
static BVIT_ALWAYS_INLINE uint32_t sign_word(const float* in, int count) {
  uint32_t word = 0;
  for (int i = 0; i < count; i++) word |= static_cast<uint32_t>(in[i] < 0) << i;
  return word;
}

// Rows of `channels` numbers through Word::of, which makes a word of 32 of them. Rows that fill
// their words are one long row.
template <class Word>
static BVIT_ALWAYS_INLINE void sign_rows(const float* in, int64_t rows, int channels,
                                         uint32_t* out) {
  const int full = channels / 32, tail = channels % 32;
  if (tail == 0) {
    for (int64_t i = 0; i < rows * full; i++, in += 32) *out++ = Word::of(in);
    return;
  }
  for (; rows > 0; rows--, in += tail) {
    for (int i = 0; i < full; i++, in += 32) *out++ = Word::of(in);
    *out++ = Word::tail(in, tail);
  }
}

}  // namespace bvit
