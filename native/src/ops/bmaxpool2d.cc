#include "ops/bmaxpool2d.h"

namespace bvit {

void BMaxPool2d::run(const uint32_t* in, uint32_t* out, int64_t begin, int64_t end) const {
  const int64_t pixels = static_cast<int64_t>(y.out) * x.out;
  for (int64_t row = begin; row < end; row++) {
    const int64_t image = row / pixels, oy = row % pixels / x.out, ox = row % x.out;
    uint32_t* to = out + row * words;
    for (int32_t w = 0; w < words; w++) to[w] = UINT32_MAX;
    for (int32_t ky = y.first_tap(oy); ky < y.last_tap(oy); ky++) {
      const int64_t line = (image * y.in + y.start(oy) + ky) * x.in + x.start(ox);
      for (int32_t kx = x.first_tap(ox); kx < x.last_tap(ox); kx++) {
        const uint32_t* from = in + (line + kx) * words;
        for (int32_t w = 0; w < words; w++) to[w] &= from[w];
      }
    }
  }
}

}  // namespace bvit
