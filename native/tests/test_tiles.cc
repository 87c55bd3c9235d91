// The inlined tiles of products, of every instruction set, against plain loops, exactly.
#include "check.h"
#include "isa/cpu.h"
#include "tile_entry.h"

namespace bvit {
namespace test {
namespace {

void expect_tile(const char* isa, TileEntry entry, bool common, int kw, ptrdiff_t lda,
                 ptrdiff_t ldw, Random* random) {
  Guarded<uint32_t> a(static_cast<size_t>((kTileRows - 1) * lda + kw));
  Guarded<uint32_t> w(static_cast<size_t>((kw - 1) * ldw + 32));
  a.fill(random), w.fill(random);
  if (kw % 5 == 0) {  // every bit counts
    for (size_t i = 0; i < a.size(); i++) a[i] = ~0u;
    for (size_t i = 0; i < w.size(); i++) w[i] = common ? ~0u : 0;
  }
  int32_t c[kTileRows][32];
  entry(common, a.data(), lda, w.data(), ldw, kw, c);
  for (int r = 0; r < kTileRows; r++) {
    for (int n = 0; n < 32; n++) {
      int32_t expected = 0;
      for (int k = 0; k < kw; k++) {
        const uint32_t x = a[static_cast<size_t>(r * lda + k)];
        const uint32_t y = w[static_cast<size_t>(k * ldw + n)];
        expected += __builtin_popcount(common ? x & y : x ^ y);
      }
      CHECK(c[r][n] == expected, "%s: %s, kw %d: (%d, %d) is %d instead of %d", isa,
            common ? "common" : "different", kw, r, n, c[r][n], expected);
    }
  }
}

void check_tiles(const char* isa, TileEntry entry) {
  cover(isa);
  Random random;
  for (int kw = 1; kw <= 70; kw++) {
    for (int extra = 0; extra < 3; extra++) {
      expect_tile(isa, entry, false, kw, kw + extra, 32, &random);
      expect_tile(isa, entry, true, kw, kw + extra, 32 + 33 * extra, &random);
    }
  }
}

}  // namespace
}  // namespace test
}  // namespace bvit

int main() {
  const bvit::Cpu cpu = bvit::detect_cpu();
  (void)cpu;  // unused where the list holds the portable row alone
#define BVIT_CHECK(name, needs) \
  if (needs) bvit::test::check_tiles(#name, bvit::test::entry_##name);
  BVIT_ISA_LIST(BVIT_CHECK)
#undef BVIT_CHECK
  return bvit::test::finish("tiles");
}
