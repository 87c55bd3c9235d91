// Chains that look at other rows of a map or only move numbers, and attention's scores, of every
// instruction set, against their definition.
#include "chain_memory.h"
#include "neighbours.h"

namespace bvit {
namespace test {
namespace {

struct TapsTest {
  OpKind kind;
  Neighbours n;
  bool symmetric, weighted;
};

void expect_taps(const Kernels* kernels, const TapsTest& test, Random* random) {
  const Neighbours& n = test.n;
  const int blocks = 2, count = n.count();
  const auto taps = n.offsets();
  const auto starts = starts_of(taps, count, n.ld), line = line_of(taps, count);
  Memory memory;
  TileOp look(test.kind), store(OpKind::kStore), zero(OpKind::kZero);
  look.x.space = memory.add(static_cast<size_t>(n.rows() * n.ld), Holds::kNumbers, random);
  store.x.space = memory.add(static_cast<size_t>(n.rows() * n.ld), Holds::kNumbers, random);
  Guarded<float> weights(static_cast<size_t>(blocks * count * kBlock)), p1(blocks * kBlock);
  for (size_t i = 0; i < weights.size(); i++) weights[i] = random->number();
  for (size_t i = 0; i < p1.size(); i++) p1[i] = random->number() - 2;  // below what a maximum reads
  for (int b = 0; test.symmetric && b < blocks; b++)
    for (int t = 0; t < count / 2; t++)
      memcpy(weights.data() + (b * count + count - 1 - t) * kBlock,
             weights.data() + (b * count + t) * kBlock, kBlock * sizeof(float));
  look.x.ld = store.x.ld = n.ld, look.x.first = n.count() % 2;
  look.p0 = test.weighted ? weights.data() : nullptr;
  look.taps = taps.data(), look.starts = starts.data(), look.line = line.data();
  look.count = count, look.step = n.ld, look.symmetric = test.symmetric;
  zero.p1 = p1.data();
  const TileOp ops[] = {zero, look, store};
  Chain chain;
  chain.blocks = blocks, chain.op_count = 3, chain.ops = ops;
  expect_chain(kernels, chain, memory, 0, n.rows() / kRows, "taps");
  if (n.rows() > kRows) expect_chain(kernels, chain, memory, kRows, 1, "taps of one tile");
}

void check_taps(const Kernels* kernels, Random* random) {
  const int sizes[][2] = {{7, 7}, {4, 14}, {3, 5}, {5, 8}, {1, 1}};
  const int windows[][2] = {{1, 1}, {3, 3}, {1, 3}, {1, 5}, {5, 1}, {2, 2}};
  for (const auto& size : sizes) {
    for (const auto& window : windows) {
      const Neighbours n = {size[0], size[1], window[0], window[1], 3 * kBlock + 7};
      expect_taps(kernels, {OpKind::kTaps, n, false, true}, random);
      expect_taps(kernels, {OpKind::kTaps, n, false, false}, random);
      expect_taps(kernels, {OpKind::kMaxTaps, n, false, false}, random);
      if (window[0] != 2) expect_taps(kernels, {OpKind::kTaps, n, true, true}, random);
      if (window[0] == 1 && window[1] > 1 && size[1] % kRows == 0)
        expect_taps(kernels, {OpKind::kLine, n, true, true}, random);
    }
  }
}

// A float product whose rows are segments of a map, but for one tile, which has copies of them.
void expect_segments(const Kernels* kernels, int segments, int length, int step, Random* random) {
  const int tiles = 3, rows = kRows * tiles, blocks = 2, k = segments * length;
  const int map_size = 1000 + kRows * step;
  Memory memory;
  TileOp product(OpKind::kFloatProduct), store(OpKind::kStore);
  product.w.space = memory.add(static_cast<size_t>(map_size + length), Holds::kNumbers, random);
  product.x.ld = k + 1, store.x.ld = blocks * kBlock;
  product.x.space = memory.add(static_cast<size_t>(rows * product.x.ld), Holds::kNumbers, random);
  store.x.space = memory.add(static_cast<size_t>(rows * store.x.ld), Holds::kNumbers, random);
  Guarded<float> weights(static_cast<size_t>(blocks * k * kBlock)), p1(blocks * kBlock);
  for (size_t i = 0; i < weights.size(); i++) weights[i] = random->number();
  for (size_t i = 0; i < p1.size(); i++) p1[i] = random->number();
  std::vector<int32_t> starts;
  for (int i = 0; i < tiles * segments; i++)
    starts.push_back(i / segments == 1 ? kIrregular : static_cast<int>(random->word() % 1000));
  product.weights = reinterpret_cast<const uint32_t*>(weights.data()), product.p1 = p1.data();
  product.k = k, product.segments = segments, product.step = step, product.starts = starts.data();
  const TileOp ops[] = {product, store};
  Chain chain;
  chain.blocks = blocks, chain.op_count = 2, chain.ops = ops;
  expect_chain(kernels, chain, memory, 0, tiles, "a product of segments");
}

void check_moves(const Kernels* kernels, Random* random) {
  const int rows = 4 * kRows;
  for (int length = 16; length <= 80; length += 16) {
    for (int count = 1; count <= 4; count++) {
      Memory memory;
      Chain chain;
      chain.length = length, chain.count = count;
      chain.y.ld = length * count + 1, chain.x.ld = length * count + 2;
      chain.y.space = memory.add(static_cast<size_t>(rows * chain.y.ld), Holds::kNumbers, random);
      chain.x.space = memory.add(static_cast<size_t>(rows * chain.x.ld), Holds::kNumbers, random);
      std::vector<int32_t> columns, patches;
      std::vector<float> scales(static_cast<size_t>(length));
      const unsigned width = static_cast<unsigned>(length * count);
      // near ones, as where channels change places within groups, or any
      for (unsigned i = 0; i < static_cast<unsigned>(length); i++)
        columns.push_back(static_cast<int>(count == 1 ? random->word() % width
                                                      : i % 16 * static_cast<unsigned>(count) % width));
      for (int i = 0; i < rows * count; i++)
        patches.push_back(random->word() % 4 ? static_cast<int>(random->word() % rows) * chain.y.ld
                                             : -1);
      chain.kind = ChainKind::kGroupMean;
      expect_chain(kernels, chain, memory, 0, 3, "means of groups");
      chain.kind = ChainKind::kPermute, chain.index = columns.data();
      expect_chain(kernels, chain, memory, kRows, 3, "a permutation");
      for (float& scale : scales) scale = random->number();
      chain.scale = scales.data();
      expect_chain(kernels, chain, memory, kRows, 3, "a scaled permutation");
      chain.kind = ChainKind::kPatchWords, chain.index = patches.data();
      expect_chain(kernels, chain, memory, kRows, 3, "patches");
    }
  }
}

// Channels that are repeated in the order of groups, of a map from outside that ends at a page.
void check_repeats_of_a_map_from_outside(const Kernels* kernels, Random* random) {
  for (int channels = 32; channels <= 320; channels += 32) {
    for (int repeats = 2; repeats <= 8; repeats *= 2) {
      Memory memory;
      Chain chain;
      chain.kind = ChainKind::kPermute;
      chain.length = chain.x.ld = channels * repeats, chain.y.ld = channels;
      chain.x.space = memory.add(static_cast<size_t>(2 * kRows * chain.x.ld), Holds::kNumbers, random);
      memory.add(0, Holds::kNumbers, random);  // scratch
      chain.y.space = memory.add(static_cast<size_t>(2 * kRows * channels), Holds::kNumbers, random);
      CHECK(chain.y.space >= kExternal, "expected a space from outside; got %d", chain.y.space);
      std::vector<int32_t> index;
      for (int i = 0; i < chain.length; i++) {
        const int block = i / (32 * repeats), within = i % (32 * repeats);
        index.push_back((32 * repeats * block + within % 32 * repeats + within / 32) % channels);
      }
      chain.index = index.data();
      expect_chain(kernels, chain, memory, 0, 2, "repeats of a map from outside");
    }
  }
}

// Rows of `length` numbers from anywhere in a map, in runs of `count`.
void expect_gather(const Kernels* kernels, int length, int count, Random* random) {
  const int rows = 4 * kRows, ld = 3 * length;
  Memory memory;
  Chain chain;
  chain.kind = ChainKind::kGather;
  chain.length = length * count, chain.count = count;
  chain.x.ld = chain.length + 3;
  chain.x.space = memory.add(static_cast<size_t>(rows * chain.x.ld), Holds::kNumbers, random);
  std::vector<int32_t> starts, index;
  for (int r = 0; r < rows; r++) starts.push_back(static_cast<int>(random->word() % 50) * ld);
  for (int i = 0; i < length; i++) {
    const int run = static_cast<int>(random->word() % 500);
    for (int k = 0; k < count; k++) index.push_back(run + k);
  }
  chain.y.space =
      memory.add(static_cast<size_t>(49 * ld + 499 + count), Holds::kNumbers, random);
  chain.y.rows = starts.data(), chain.index = index.data();
  expect_chain(kernels, chain, memory, kRows, 3, "a gathering");
  chain.y.rows = nullptr, chain.y.ld = 7;
  chain.column = 2;
  expect_chain(kernels, chain, memory, kRows, 3, "a gathering in order");
}

int64_t masks_open = 0, masks_checked = 0;

void expect_scores(const Kernels* kernels, int images, int heads, int words, int keys,
                   Random* random) {
  const int tiles = 2, rows = kRows * tiles;
  Chain chain;
  chain.kind = ChainKind::kScores;
  chain.image_tiles = images > 1 ? tiles / images : 0;
  chain.heads = heads, chain.head_words = words, chain.key_count = keys;
  chain.padded_keys = (keys + 31) / 32 * 32, chain.mask_words = chain.padded_keys / 32;
  const int d = 32 * words;
  std::vector<float> exponentials;
  for (int distance = 0; distance <= d; distance++)
    exponentials.push_back(static_cast<float>(exp((d - 2.0 * distance) / sqrt(d))));
  chain.exponentials = exponentials.data();
  chain.threshold = 0.7f / static_cast<float>(keys);
  Memory memory;
  const auto add = [&](int elements, Holds holds) {
    return memory.add(static_cast<size_t>(elements), holds, random);
  };
  chain.y.ld = heads * words + 1, chain.x.ld = heads * chain.mask_words + 1;
  chain.ones.ld = heads + 1, chain.keys.ld = chain.padded_keys;
  chain.y.space = add(rows * chain.y.ld, Holds::kBits);
  chain.x.space = add(rows * chain.x.ld, Holds::kBits);
  chain.ones.space = add(rows * chain.ones.ld, Holds::kNumbers);
  chain.keys.space = add(images * heads * words * chain.padded_keys, Holds::kBits);
  masks_open += expect_chain(kernels, chain, memory, 0, tiles, "scores");
  masks_checked += static_cast<int64_t>(rows) * heads * keys;
}

void check_kernels(const Kernels* kernels, void*) {
  cover(kernels->name);
  Random random;
  check_taps(kernels, &random);
  check_moves(kernels, &random);
  check_repeats_of_a_map_from_outside(kernels, &random);
  for (int length = 1; length <= 80; length += 13)
    for (int count = 1; count <= 40; count += 13) expect_gather(kernels, length, count, &random);
  for (int segments = 1; segments <= 4; segments++)
    for (int length = 1; length <= 12; length += 11)
      expect_segments(kernels, segments, length, 3 * length + 1, &random);
  const int key_counts[] = {1, 7, 31, 32, 33, 49, 65, 196, 1025, 4097};
  for (const int keys : key_counts)
    for (int words = 1; words <= 9; words++)
      for (int images = 1; images <= 2; images++)
        if (keys < 1025 || words < 3)
          expect_scores(kernels, images, 1 + words % 3, words, keys, &random);
}

}  // namespace
}  // namespace test
}  // namespace bvit

int main() {
  using namespace bvit::test;
  bvit::each_kernels(check_kernels, nullptr);
  CHECK(1000 * masks_open < masks_checked, "%lld of %lld decisions are too close to call",
        static_cast<long long>(masks_open), static_cast<long long>(masks_checked));
  return finish("chain_maps");
}
