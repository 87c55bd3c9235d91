#include "ops/output_transform.h"

#include "base/math.h"
#include "ops/round.h"

namespace bvit {
namespace {

// The range that an activation leaves of products in [-bits, bits].
void activation_range(int32_t activation, int32_t bits, int32_t* low, int32_t* high) {
  *low = activation == kActReluN1To1 ? -1 : activation == kNone ? -bits : 0;
  *high = activation == kActReluN1To1 ? 1 : activation == kActRelu6 ? 6 : bits;
  *low = max(*low, -bits);
  *high = min(*high, bits);
}

}  // namespace

bool OutputTransform::prepare(const float* multiplier, const float* bias, int32_t channels,
                              int32_t bits, int32_t activation, double output_scale,
                              double zero_point) {
  if (!scale_.reserve<float>(channels) || !shift_.reserve<float>(channels)) return false;
  for (int32_t c = 0; c < channels; c++) {
    const double m = multiplier[c], b = bias[c];
    scale_.as<float>()[c] = static_cast<float>(-1 * m / output_scale);
    shift_.as<float>()[c] =
        static_cast<float>((b + static_cast<double>(bits) * m) / output_scale + zero_point);
  }
  int32_t low, high;
  activation_range(activation, bits, &low, &high);
  low_ = bits - high;
  high_ = bits - low;
  return true;
}

inline float OutputTransform::number(int32_t differing, int32_t channel) const {
  const int32_t twice = max(min(differing * 2, high_), low_);
  return static_cast<float>(twice) * scale_.as<float>()[channel] + shift_.as<float>()[channel];
}

void OutputTransform::to_f32(const int32_t* differing, int32_t first, int32_t count,
                             float* out) const {
  for (int32_t i = 0; i < count; i++) out[i] = number(differing[i], first + i);
}

void OutputTransform::to_i8(const int32_t* differing, int32_t first, int32_t count,
                            int8_t* out) const {
  for (int32_t i = 0; i < count; i++) {
    const int32_t rounded = round_within(number(differing[i], first + i), 1000.0f);
    out[i] = static_cast<int8_t>(clamp(rounded, -128, 127));
  }
}

}  // namespace bvit
