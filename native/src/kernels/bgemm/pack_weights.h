// From rows of bits to the packing that all binary products read (see kernels.h).
#pragma once

#include "base/libc.h"

namespace bvit {

// Words of packed weights: n channels, rounded up to whole blocks, of kw words each.
size_t packed_words(int n, int kw);

// rows: (n, kw) words -> out: (ceil(n / 32), kw, 32) words; channels past n become 0.
void pack_weights(const uint32_t* rows, int n, int kw, uint32_t* out);

}  // namespace bvit
