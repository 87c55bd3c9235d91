// All kernels of one instruction set. A row of isa_list.h gives one such table; dispatch takes the
// best that the processor has. Rows of a table compute the same numbers, bit for bit, but for
// `run_chain`, which may contract a multiplication and an addition.
#pragma once

#include "base/libc.h"

namespace bvit {

struct Chain;        // kernels/tile/tile.h
struct TileContext;

// Binary weights are packed as [N / 32][K / 32][32] words of 32 bits, whatever the instruction set:
// word (n, k) of channel 32 * block + n. Missing channels and bits are 0, on both sides of a product.
constexpr int kBlock = 32;

struct Kernels {
  const char* name;

  // acc[m][n] = number of bits in which row m of `a` and channel n of `w` differ.
  // rows x (32 * blocks) counts; `lda` and `ldacc` are words from one row to the next.
  void (*bgemm_i32)(int rows, int blocks, int kw, const uint32_t* a, ptrdiff_t lda,
                    const uint32_t* w, int32_t* acc, ptrdiff_t ldacc);

  // Bit i of word w of a row: in[row][32 * w + i] < 0, for float32 (-0.0 and NaN give 0).
  void (*sign_f32)(const float* in, int64_t rows, int channels, uint32_t* out);

  // A tile of rows through a chain of fused operations.
  void (*run_chain)(const Chain& chain, const TileContext& context);
};

// The table of an instruction set by its name ("portable", "avx2", "avx512", "neon", ...), or the
// best one for null and "". Null where the name is unknown or this processor lacks it.
const Kernels* find_kernels(const char* name);

// Calls `visit` with every table that this processor can run, the portable one first.
void each_kernels(void (*visit)(const Kernels*, void*), void* with);

}  // namespace bvit
