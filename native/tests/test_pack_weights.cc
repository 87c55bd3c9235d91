// pack_weights at odd numbers of channels and words.
#include "check.h"
#include "kernels/bgemm/pack_weights.h"

namespace bvit {
namespace test {
namespace {

void expect_packed(int n, int kw, Random* random) {
  const int blocks = (n + kBlock - 1) / kBlock;
  const size_t words = packed_words(n, kw);
  CHECK(words == static_cast<size_t>(blocks * kBlock * kw), "n %d, kw %d: %zu words", n, kw, words);
  Guarded<uint32_t> rows(static_cast<size_t>(n * kw)), out(words);
  rows.fill(random), out.fill(random);
  pack_weights(rows.data(), n, kw, out.data());
  for (int channel = 0; channel < blocks * kBlock; channel++) {
    for (int k = 0; k < kw; k++) {
      const uint32_t expected = channel < n ? rows[static_cast<size_t>(channel * kw + k)] : 0;
      const int at = (channel / kBlock * kw + k) * kBlock + channel % kBlock;
      CHECK(out[static_cast<size_t>(at)] == expected, "n %d, kw %d: word (%d, %d)", n, kw, channel,
            k);
    }
  }
}

}  // namespace
}  // namespace test
}  // namespace bvit

int main() {
  bvit::test::Random random;
  const int channels[] = {1, 31, 32, 33, 64, 65, 96}, words[] = {0, 1, 2, 3, 33};
  for (const int n : channels)
    for (const int kw : words) bvit::test::expect_packed(n, kw, &random);
  printf("pack_weights: %s\n", bvit::test::failures ? "FAILED" : "passed");
  return bvit::test::failures ? 1 : 0;
}
