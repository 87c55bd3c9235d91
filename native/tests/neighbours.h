// Tables of the rows around each row of a map, as taps read them.
#pragma once

#include <vector>

#include "kernels/tile/tile.h"

namespace bvit {
namespace test {

// Taps around each position of a (height, width) map: count_y x count_x of them, centred.
struct Neighbours {
  int height, width, count_y, count_x, ld;

  int count() const { return count_y * count_x; }
  int rows() const { return (height * width + kRows - 1) / kRows * kRows; }

  // [rows][count]: element offsets, -1 outside; rows behind the map have no taps at all
  std::vector<int32_t> offsets() const {
    std::vector<int32_t> all;
    for (int row = 0; row < rows(); row++) {
      for (int t = 0; t < count(); t++) {
        const int y = row / width + t / count_x - count_y / 2;
        const int x = row % width + t % count_x - count_x / 2;
        const bool inside =
            row < height * width && y >= 0 && y < height && x >= 0 && x < width;
        all.push_back(inside ? (y * width + x) * ld : -1);
      }
    }
    return all;
  }
};

// TileOp::starts, as its comment says.
inline std::vector<int32_t> starts_of(const std::vector<int32_t>& taps, int count, int step) {
  std::vector<int32_t> starts;
  for (size_t tile = 0; tile < taps.size() / static_cast<size_t>(count * kRows); tile++) {
    for (int t = 0; t < count; t++) {
      const int32_t* first = taps.data() + tile * static_cast<size_t>(count * kRows) + t;
      bool regular = first[0] >= 0, outside = true;
      for (int r = 0; r < kRows; r++) {
        regular &= first[r * count] >= 0 && first[r * count] - first[0] == r * step;
        outside &= first[r * count] < 0;
      }
      starts.push_back(outside ? kAllOutside : regular ? first[0] : kIrregular);
    }
  }
  return starts;
}

// TileOp::line, of one row of taps, where each tile lies within a row of the map.
inline std::vector<int32_t> line_of(const std::vector<int32_t>& taps, int count) {
  std::vector<int32_t> line;
  for (size_t tile = 0; tile < taps.size() / static_cast<size_t>(count * kRows); tile++) {
    const int32_t* first = taps.data() + tile * static_cast<size_t>(count * kRows);
    // what the first row reads, then the last tap of each row after it
    for (int t = 0; t < count; t++) line.push_back(first[t]);
    for (int r = 1; r < kRows; r++) line.push_back(first[r * count + count - 1]);
  }
  return line;
}

}  // namespace test
}  // namespace bvit
