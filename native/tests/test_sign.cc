// sign_f32 of every instruction set, exactly: bit i of a word is in[32 * word + i] < 0.
#include <math.h>

#include "check.h"

namespace bvit {
namespace test {
namespace {

const float kSpecial[] = {0.0f, -0.0f, 1e-40f, -1e-40f, NAN, -NAN, INFINITY, -INFINITY, -1.0f, 1.0f};

void expect_signs(const Kernels* kernels, int64_t rows, int channels, Random* random) {
  const int words = (channels + 31) / 32;
  Guarded<float> in(static_cast<size_t>(rows * channels));
  Guarded<uint32_t> out(static_cast<size_t>(rows * words));
  for (size_t i = 0; i < in.size(); i++)
    in[i] = random->word() % 4 ? random->number() : kSpecial[random->word() % 10];
  for (size_t i = 0; i < out.size(); i++) out[i] = 0xdeadbeef;

  kernels->sign_f32(in.data(), rows, channels, out.data());

  for (int64_t row = 0; row < rows; row++) {
    for (int i = 0; i < 32 * words; i++) {
      const float x = i < channels ? in[static_cast<size_t>(row * channels + i)] : 0;
      const uint32_t bit = out[static_cast<size_t>(row * words + i / 32)] >> (i % 32) & 1;
      CHECK(bit == (x < 0), "%s: %lld rows of %d channels: bit (%lld, %d) of %g is %u",
            kernels->name, static_cast<long long>(rows), channels, static_cast<long long>(row), i,
            static_cast<double>(x), bit);
    }
  }
}

void check_kernels(const Kernels* kernels, void*) {
  cover(kernels->name);
  Random random;
  for (int64_t rows = 1; rows <= 5; rows++) {
    for (int channels = 1; channels <= 130; channels++)
      expect_signs(kernels, rows, channels, &random);
  }
  expect_signs(kernels, 0, 33, &random);
  expect_signs(kernels, 49, 512, &random);
  expect_signs(kernels, 3, 2047, &random);
}

}  // namespace
}  // namespace test
}  // namespace bvit

int main() {
  bvit::each_kernels(bvit::test::check_kernels, nullptr);
  return bvit::test::finish("sign");
}
