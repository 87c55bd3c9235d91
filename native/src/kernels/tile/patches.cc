// Chains that move data: the same for all instruction sets.
#include "kernels/tile/tile.h"

namespace bvit {

void run_patch_words(const Chain& chain, const TileContext& c) {
  uint32_t* to = reinterpret_cast<uint32_t*>(address(chain.x, c));
  TileContext whole = c;
  whole.first_row = 0;
  const uint32_t* from = reinterpret_cast<const uint32_t*>(address(chain.y, whole));
  const int32_t* index = chain.index + static_cast<int64_t>(c.first_row) * chain.count;
  const int32_t length = chain.length;
  for (int row = 0; row < c.tiles * kRows; row++, to += chain.x.ld) {
    const int64_t tile = (c.first_row + row) / kRows;
    if (chain.starts && chain.starts[tile * chain.segments] != kIrregular) {
      index += chain.count;
      continue;
    }
    uint32_t* p = to;
    for (int t = 0, run; t < chain.count; t += run, index += run, p += run * length) {
      const int32_t offset = *index;  // of a run of taps that lie side by side, or are all outside
      const int32_t step = offset < 0 ? 0 : length;
      for (run = 1; t + run < chain.count && index[run] == offset + run * step; run++) continue;
      const size_t bytes = 4 * static_cast<size_t>(run * length);
      offset < 0 ? memset(p, 0, bytes) : memcpy(p, from + offset, bytes);
    }
  }
}

void run_gather(const Chain& chain, const TileContext& c) {
  float* to = reinterpret_cast<float*>(address(chain.x, c)) + chain.column;
  const int32_t* rows = chain.y.rows ? chain.y.rows + c.first_row : nullptr;
  TileContext begin = c;
  if (rows) begin.first_row = 0;
  const float* map = reinterpret_cast<const float*>(address(chain.y, begin));
  for (int row = 0; row < c.tiles * kRows; row++, to += chain.x.ld) {
    const float* from = map + (rows ? rows[row] : static_cast<int64_t>(row) * chain.y.ld);
    if (chain.count == 1) {
      for (int i = 0; i < chain.length; i++) to[i] = from[chain.index[i]];
    } else {
      for (int i = 0; i < chain.length; i += chain.count)
        memcpy(to + i, from + chain.index[i], 4 * static_cast<size_t>(chain.count));
    }
  }
}

void run_group_mean(const Chain& chain, const TileContext& c) {
  float* to = reinterpret_cast<float*>(address(chain.x, c));
  const float* from = reinterpret_cast<const float*>(address(chain.y, c));
  const float scale = 1.0f / static_cast<float>(chain.count);
  for (int row = 0; row < c.tiles * kRows; row++, to += chain.x.ld, from += chain.y.ld) {
    const float* p = from;
    for (int i = 0; i < chain.length; i++) {
      float sum = 0;
      for (int j = 0; j < chain.count; j++) sum += *p++;
      to[i] = sum * scale;
    }
  }
}

}  // namespace bvit
