// One side (height or width) of a sliding window, counted as TensorFlow Lite counts it.
#pragma once

#include "base/math.h"
#include "graph/graph.h"

namespace bvit {

struct WindowSide {
  int32_t in = 1, out = 1;      // sizes of the maps
  int32_t kernel = 1, stride = 1, dilation = 1;
  int32_t before = 0;           // how far the first window reaches out of the map

  // Where tap 0 of output `o` reads; negative where it lies before the map.
  int64_t start(int64_t o) const { return o * stride - before; }
  // Taps of output `o` that read inside of the map: [first, last).
  int32_t first_tap(int64_t o) const {
    const int64_t start_ = start(o);
    return start_ >= 0 ? 0
                       : static_cast<int32_t>(min<int64_t>(ceil_div(-start_, dilation), kernel));
  }
  int32_t last_tap(int64_t o) const {
    const int64_t room = in - start(o);
    return room <= 0 ? 0 : static_cast<int32_t>(min<int64_t>(ceil_div(room, dilation), kernel));
  }
  // The side of the map that a window covers.
  int64_t extent() const { return static_cast<int64_t>(kernel - 1) * dilation + 1; }
};

// All counts must be positive. False where not even one window fits (VALID), or where positions
// leave the range of int32.
inline bool make_side(int32_t in, int32_t kernel, int32_t stride, int32_t dilation,
                      int32_t padding, WindowSide* side) {
  *side = {in, 0, kernel, stride, dilation, 0};
  const int64_t extent = side->extent(), room = padding == kPaddingSame ? in : in - extent + 1;
  if (extent > INT32_MAX || room <= 0) return false;
  const int64_t out = ceil_div(room, stride);
  const int64_t reach = (out - 1) * stride + extent;
  if (reach > INT32_MAX) return false;
  side->out = static_cast<int32_t>(out);
  if (padding == kPaddingSame) side->before = static_cast<int32_t>(max<int64_t>(reach - in, 0) / 2);
  return true;
}

}  // namespace bvit
