// From counts of differing bits to the numbers of LceBconv2d's output, in LCE's arithmetic.
//
// K bits of which n differ stand for the product K - 2n. LCE folds K and the sign into scale and
// shift, in double precision, and rounds these once to float:
//   float: y = float(clamp(2n)) * scale + shift, rounded after the product and after the sum;
//          scale = -multiplier, shift = bias + K * multiplier
//   int8:  saturate(round(y)), ties away from zero; scale = -multiplier / s,
//          shift = (bias + K * multiplier) / s + zero point
// The clamp is the fused activation on K - 2n: on 2n its ends change places.
#pragma once

#include "base/buffer.h"
#include "graph/graph.h"

namespace bvit {

class OutputTransform {
 public:
  // `bits`: K. `output_scale` 1 and `zero_point` 0 for float. False where memory ends.
  bool prepare(const float* multiplier, const float* bias, int32_t channels, int32_t bits,
               int32_t activation, double output_scale, double zero_point);

  // `count` channels from channel `first` on.
  void to_f32(const int32_t* differing, int32_t first, int32_t count, float* out) const;
  void to_i8(const int32_t* differing, int32_t first, int32_t count, int8_t* out) const;

 private:
  float number(int32_t differing, int32_t channel) const;

  Buffer scale_, shift_;
  int32_t low_ = 0, high_ = 0;
};

}  // namespace bvit
