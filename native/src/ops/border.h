// What taps outside of the map would add to a binary convolution: a number per channel for each
// kind of place at the border.
//
// Outside of the map bits are 0, which means +1. To pad with zeros, what these +1 added is taken
// away again. Which taps lie outside depends on the row's and the column's place alone, and taps
// inside form a rectangle: its sum comes from a table of sums, whatever the size of the filter.
#pragma once

#include "base/buffer.h"
#include "ops/window.h"

namespace bvit {

class Border {
 public:
  // `taps` (channels, y.kernel, x.kernel): what each tap adds. `like_lce` leaves those places out
  // where LCE's optimized kernels correct nothing (see `lce_corrects`). False where memory ends.
  bool prepare(const WindowSide& y, const WindowSide& x, int32_t channels, const int32_t* taps,
               bool like_lce);

  // Which entry belongs to the output at (oy, ox); -1 where nothing is to be corrected.
  int32_t entry(int64_t oy, int64_t ox) const {
    if (!any_) return -1;
    return entries_.as<int32_t>()[static_cast<int64_t>(y_.of.as<int32_t>()[oy]) * x_.count +
                                  x_.of.as<int32_t>()[ox]];
  }
  // Sums over the taps outside, of all channels.
  const int32_t* sums(int32_t entry) const {
    return sums_.as<int32_t>() + static_cast<int64_t>(entry) * channels_;
  }
  int32_t entries() const { return count_; }
  bool empty() const { return !any_; }

 private:
  // Places along a side. Class 0: windows inside of the map. Each window that reaches out has a
  // class of its own.
  struct Classes {
    Buffer of;           // int32 of each output
    Buffer output;       // int32 of each class: an output in it, -1 for class 0 without one
    int32_t count = 1;

    bool prepare(const WindowSide& side);
  };

  bool number_entries(const WindowSide& y, const WindowSide& x, bool like_lce);
  bool sum_entries(const WindowSide& y, const WindowSide& x, const int32_t* taps);

  Classes y_, x_;
  Buffer entries_;       // int32 (y classes, x classes)
  Buffer sums_;          // int32 (entries, channels)
  int32_t count_ = 0, channels_ = 0;
  bool any_ = false;
};

// Whether LCE's optimized kernels correct the padding of an output that reaches out of the map.
// They know four cases; on maps so small that a window reaches (or touches) two opposite borders none of
// these may hold, and the output stays as if padded with +1.
bool lce_corrects(const WindowSide& y, int64_t oy, const WindowSide& x, int64_t ox);

}  // namespace bvit
