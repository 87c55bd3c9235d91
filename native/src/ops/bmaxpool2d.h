// LceBMaxPool2d: the maximum of signs, which is the `and` of their bits; what lies outside of the
// map does not count.
#pragma once

#include "ops/window.h"

namespace bvit {

struct BMaxPool2d {
  WindowSide y, x;
  int32_t batches = 0, words = 0;  // words of a position

  int64_t rows() const { return static_cast<int64_t>(batches) * y.out * x.out; }
  // Rows [begin, end) of all positions of the output.
  void run(const uint32_t* in, uint32_t* out, int64_t begin, int64_t end) const;
};

}  // namespace bvit
