#include "ops/quantize.h"

#include "base/math.h"

namespace bvit {
namespace {

template <class T, class IsNegative>
void pack_rows(const T* in, int64_t rows, int32_t channels, uint32_t* out, IsNegative is_negative) {
  for (int64_t row = 0; row < rows; row++) {
    for (int32_t c = 0; c < channels; c += 32) {
      const int32_t count = min(32, channels - c);
      uint32_t word = 0;
      for (int32_t i = 0; i < count; i++)
        word |= static_cast<uint32_t>(is_negative(in[c + i])) << i;
      *out++ = word;
    }
    in += channels;
  }
}

}  // namespace

void quantize_f32(const Kernels& kernels, const float* in, int64_t rows, int32_t channels,
                  uint32_t* out) {
  kernels.sign_f32(in, rows, channels, out);
}

void quantize_i8(const int8_t* in, int64_t rows, int32_t channels, int32_t zero_point,
                 uint32_t* out) {
  // a zero point may lie outside of int8: then all bits are equal, as in LCE
  pack_rows(in, rows, channels, out, [zero_point](int8_t x) { return x < zero_point; });
}

void quantize_bool(const uint8_t* in, int64_t rows, int32_t channels, uint32_t* out) {
  pack_rows(in, rows, channels, out, [](uint8_t x) { return x == 0; });
}

}  // namespace bvit
