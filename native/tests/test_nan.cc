// What is no number (NaN): a clamp keeps it, a maximum over taps passes over it, of every instruction
// set. That is as LiteRT's ReLU and pooling do; TensorFlow Lite's differ from one version to the next.
#include <math.h>

#include "check.h"
#include "kernels/tile/tile.h"

namespace bvit {
namespace test {
namespace {

constexpr int kNumbers = kRows * kBlock;

// One tile, one block: every fifth number is none.
struct Maps {
  float from[kNumbers], to[kNumbers];
  uint8_t* spaces[2] = {reinterpret_cast<uint8_t*>(from), reinterpret_cast<uint8_t*>(to)};

  Maps() {
    for (int i = 0; i < kNumbers; i++) from[i] = i % 5 ? 0.1f * static_cast<float>(i % 37 - 18) : NAN;
  }

  void run(const Kernels* kernels, TileOp begin, const TileOp& then) {
    TileOp store(OpKind::kStore);
    store.x.space = kScratch;
    begin.x.ld = store.x.ld = kBlock;
    const TileOp ops[] = {begin, then, store};
    Chain chain;
    chain.blocks = 1, chain.op_count = 3, chain.ops = ops;
    kernels->run_chain(chain, {spaces, 0, 1});
  }
};

void check_clamp(const Kernels* kernels) {
  Maps maps;
  TileOp load(OpKind::kLoad), clamp(OpKind::kClamp);
  load.x.space = kArena;
  clamp.low = -1, clamp.high = 1;
  maps.run(kernels, load, clamp);
  for (int i = 0; i < kNumbers; i++) {
    const float wanted = isnan(maps.from[i]) ? NAN : fminf(fmaxf(maps.from[i], -1), 1);
    CHECK(isnan(wanted) ? isnan(maps.to[i]) : maps.to[i] == wanted, "%s: clamp: number %d is %g instead of %g",
          kernels->name, i, static_cast<double>(maps.to[i]), static_cast<double>(wanted));
  }
}

// Each row and the two behind it, in order or found by offsets.
void check_taps(const Kernels* kernels, bool regular) {
  constexpr int kCount = 3;
  Maps maps;
  float lowest[kBlock];
  for (float& number : lowest) number = -INFINITY;
  int32_t taps[kRows * kCount], starts[kCount] = {kIrregular, kIrregular, kIrregular};
  for (int r = 0; r < kRows; r++)
    for (int t = 0; t < kCount; t++) taps[r * kCount + t] = r + t < kRows ? kBlock * (r + t) : -1;
  if (regular) starts[0] = 0;
  TileOp zero(OpKind::kZero), look(OpKind::kMaxTaps);
  zero.p1 = lowest;
  look.x.space = kArena, look.x.ld = look.step = kBlock;
  look.taps = taps, look.starts = starts, look.count = kCount;
  maps.run(kernels, zero, look);
  for (int i = 0; i < kNumbers; i++) {
    float wanted = -INFINITY;
    for (int t = 0; t < kCount && i + t * kBlock < kNumbers; t++) wanted = fmaxf(wanted, maps.from[i + t * kBlock]);
    CHECK(maps.to[i] == wanted, "%s: taps: number %d is %g instead of %g", kernels->name, i,
          static_cast<double>(maps.to[i]), static_cast<double>(wanted));
  }
}

void check_kernels(const Kernels* kernels, void*) {
  cover(kernels->name);
  check_clamp(kernels);
  check_taps(kernels, false);
  check_taps(kernels, true);
}

}  // namespace
}  // namespace test
}  // namespace bvit

int main() {
  using namespace bvit::test;
  bvit::each_kernels(check_kernels, nullptr);
  return finish("nan");
}
