#include "ops/dequantize.h"

#include "base/math.h"
#include "ops/round.h"

namespace bvit {
namespace {

template <class T>
void unpack_rows(const uint32_t* in, int64_t rows, int32_t channels, T* out, T zero, T one) {
  for (int64_t row = 0; row < rows; row++) {
    for (int32_t c = 0; c < channels; c += 32) {
      const int32_t count = min(32, channels - c);
      const uint32_t word = *in++;
      for (int32_t i = 0; i < count; i++) out[i] = word >> i & 1 ? one : zero;
      out += count;
    }
  }
}

}  // namespace

void dequantize_f32(const uint32_t* in, int64_t rows, int32_t channels, float* out) {
  unpack_rows(in, rows, channels, out, 1.0f, -1.0f);
}

void dequantize_i8(const uint32_t* in, int64_t rows, int32_t channels, float scale,
                   int32_t zero_point, int8_t* out) {
  // steps of the output that make 1; more than 2^24 of them saturate whatever the zero point is
  const int64_t offset = round_within(1.0f / scale, 16777216.0f);
  const int64_t zero = min<int64_t>(127, zero_point + offset);
  const int64_t one = max<int64_t>(-128, zero_point - offset);
  unpack_rows(in, rows, channels, out, static_cast<int8_t>(zero), static_cast<int8_t>(one));
}

void dequantize_bool(const uint32_t* in, int64_t rows, int32_t channels, uint8_t* out) {
  unpack_rows<uint8_t>(in, rows, channels, out, 1, 0);
}

}  // namespace bvit
