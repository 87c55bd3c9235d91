// LceDequantize: bits -> numbers. `channels` counts numbers, rows of bits end at whole words.
#pragma once

#include "base/libc.h"

namespace bvit {

// Bit 0 -> +1, bit 1 -> -1.
void dequantize_f32(const uint32_t* in, int64_t rows, int32_t channels, float* out);

// Of +1 and -1 by scale and zero point, rounded half away from zero, and saturated.
void dequantize_i8(const uint32_t* in, int64_t rows, int32_t channels, float scale,
                   int32_t zero_point, int8_t* out);

// Bit 0 -> true, bit 1 -> false.
void dequantize_bool(const uint32_t* in, int64_t rows, int32_t channels, uint8_t* out);

}  // namespace bvit
