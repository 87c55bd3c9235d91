// LceQuantize: numbers -> bits, 1 where a number is negative. Rows end at whole words of zero bits.
#pragma once

#include "kernels/kernels.h"

namespace bvit {

// in (rows, channels) -> out (rows, ceil(channels / 32)). -0.0 and NaN give 0.
void quantize_f32(const Kernels& kernels, const float* in, int64_t rows, int32_t channels,
                  uint32_t* out);

// 1 where in < zero_point.
void quantize_i8(const int8_t* in, int64_t rows, int32_t channels, int32_t zero_point,
                 uint32_t* out);

// 1 where false: true stands for +1.
void quantize_bool(const uint8_t* in, int64_t rows, int32_t channels, uint32_t* out);

}  // namespace bvit
