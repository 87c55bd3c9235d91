// The tiles of products that fused code inlines, one instruction set per file, behind functions that
// a test can call: entry_<isa> counts 7 rows x 32 channels, of a ^ w, or of a & w.
#pragma once

#include "kernels/isa_list.h"

namespace bvit {
namespace test {

constexpr int kTileRows = 7;

// A tile with both kinds of counts, to memory.
typedef void (*TileEntry)(bool common, const uint32_t* a, ptrdiff_t lda, const uint32_t* w,
                          ptrdiff_t ldw, int kw, int32_t (*c)[32]);

#define BVIT_DECLARE(name, needs)                                                             \
  void entry_##name(bool common, const uint32_t* a, ptrdiff_t lda, const uint32_t* w,         \
                    ptrdiff_t ldw, int kw, int32_t (*c)[32]);
BVIT_ISA_LIST(BVIT_DECLARE)
#undef BVIT_DECLARE

}  // namespace test
}  // namespace bvit

// Defines the entry of an instruction set whose tiles count to memory.
#define BVIT_MEMORY_TILE_ENTRY(name)                                                          \
  namespace bvit {                                                                            \
  namespace test {                                                                            \
  void entry_##name(bool common, const uint32_t* a, ptrdiff_t lda, const uint32_t* w,         \
                    ptrdiff_t ldw, int kw, int32_t (*c)[32]) {                                \
    int32_t counts[kTileRows][32];                                                            \
    if (common)                                                                               \
      name::bgemm_tile_and(a, lda, w, ldw, kw, counts);                                       \
    else                                                                                      \
      name::bgemm_tile(a, lda, w, kw, counts);                                                \
    memcpy(c, counts, sizeof(counts));                                                        \
  }                                                                                           \
  }                                                                                           \
  }
