#include "kernels/bgemm/pack_weights.h"

#include "kernels/kernels.h"

namespace bvit {

size_t packed_words(int n, int kw) {
  const size_t blocks = (static_cast<size_t>(n) + kBlock - 1) / kBlock;
  return blocks * static_cast<size_t>(kw) * kBlock;
}

void pack_weights(const uint32_t* rows, int n, int kw, uint32_t* out) {
  for (int first = 0; first < n; first += kBlock) {
    for (int k = 0; k < kw; k++) {
      for (int i = 0; i < kBlock; i++) {
        const int channel = first + i;
        *out++ = channel < n ? rows[static_cast<size_t>(channel) * kw + k] : 0;
      }
    }
  }
}

}  // namespace bvit
