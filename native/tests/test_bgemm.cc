// bgemm_i32 of every instruction set against three plain loops, exactly.
#include "check.h"

namespace bvit {
namespace test {
namespace {

struct Sizes {
  int rows, blocks, kw, extra_a, extra_acc;  // extra: words behind each row, not to be touched
};

enum class Bits { kRandom, kMost };  // kMost: all bits differ, so counters run as far as they can

void expect_product(const Kernels* kernels, const Sizes& s, Bits bits, Random* random) {
  const ptrdiff_t lda = s.kw + s.extra_a, ldacc = kBlock * s.blocks + s.extra_acc;
  // the last row has nothing behind it
  Guarded<uint32_t> a(static_cast<size_t>((s.rows - 1) * lda + s.kw));
  Guarded<uint32_t> w(static_cast<size_t>(s.blocks * s.kw * kBlock));
  Guarded<int32_t> acc(static_cast<size_t>((s.rows - 1) * ldacc + kBlock * s.blocks));
  a.fill(random), w.fill(random);
  if (bits == Bits::kMost) {
    for (size_t i = 0; i < a.size(); i++) a[i] = ~0u;
    for (size_t i = 0; i < w.size(); i++) w[i] = 0;
  }
  const int32_t untouched = -12345;
  for (size_t i = 0; i < acc.size(); i++) acc[i] = untouched;

  kernels->bgemm_i32(s.rows, s.blocks, s.kw, a.data(), lda, w.data(), acc.data(), ldacc);

  for (int m = 0; m < s.rows; m++) {
    for (int n = 0; n < kBlock * s.blocks; n++) {
      const uint32_t* channel = w.data() + (n / kBlock) * s.kw * kBlock + n % kBlock;
      int32_t expected = 0;
      for (int k = 0; k < s.kw; k++)
        expected += __builtin_popcount(a[static_cast<size_t>(m * lda + k)] ^ channel[k * kBlock]);
      const int32_t got = acc[static_cast<size_t>(m * ldacc + n)];
      CHECK(got == expected, "%s: rows %d, blocks %d, kw %d: (%d, %d) is %d instead of %d",
            kernels->name, s.rows, s.blocks, s.kw, m, n, got, expected);
    }
    for (int n = kBlock * s.blocks; n < ldacc && m + 1 < s.rows; n++)
      CHECK(acc[static_cast<size_t>(m * ldacc + n)] == untouched, "%s: wrote behind row %d",
            kernels->name, m);
  }
}

void check_kernels(const Kernels* kernels, void*) {
  cover(kernels->name);
  Random random;
  const int rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 31, 33, 65};
  for (int kw = 0; kw <= 70; kw++) {
    for (const int r : rows) {
      const Sizes sizes = {r, 1 + (kw + r) % 3, kw, (kw + r) % 4, (kw * r) % 5};
      expect_product(kernels, sizes, Bits::kRandom, &random);
    }
    expect_product(kernels, {9, 1, kw, 0, 0}, Bits::kMost, &random);
  }
  // counters of 8 and 16 bits would have overflowed
  const int long_kw[] = {127, 300, 2049, 4097};
  for (const int kw : long_kw)
    expect_product(kernels, {15, 2, kw, 1, 1}, Bits::kMost, &random);
}

}  // namespace
}  // namespace test
}  // namespace bvit

int main() {
  bvit::each_kernels(bvit::test::check_kernels, nullptr);
  return bvit::test::finish("bgemm");
}
