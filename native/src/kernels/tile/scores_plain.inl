// run_scores and run_permute without vector instructions of their own; see epilogue.inl.

[[maybe_unused]] static void run_permute(const Chain& chain, const TileContext& c) {
  float* to = reinterpret_cast<float*>(address(chain.x, c));
  const float* from = reinterpret_cast<const float*>(address(chain.y, c));
  for (int row = 0; row < c.tiles * kRows; row++, to += chain.x.ld, from += chain.y.ld)
    for (int i = 0; i < chain.length; i++) to[i] = (chain.scale ? chain.scale[i] : 1) * from[chain.index[i]];
}

// One row and head: distances to all keys, the sum of their weights, then the keys above a part of it.
static float attend(const Chain& chain, const uint32_t* q, const uint32_t* keys, uint32_t* mask) {
  double sum = 0;
  const auto distance = [&](int key) {
    int count = 0;
    for (int w = 0; w < chain.head_words; w++)
      count += __builtin_popcount(q[w] ^ keys[static_cast<int64_t>(w) * chain.padded_keys + key]);
    return count;
  };
  for (int key = 0; key < chain.key_count; key++) sum += chain.exponentials[distance(key)];
  const float limit = static_cast<float>(sum) * chain.threshold;
  int ones = 0;
  for (int w = 0; w < chain.mask_words; w++) mask[w] = 0;
  for (int key = 0; key < chain.key_count; key++) {
    if (!(chain.exponentials[distance(key)] > limit)) continue;
    mask[key / 32] |= 1u << (key % 32);
    ones++;
  }
  return static_cast<float>(ones);
}

static void run_scores(const Chain& chain, const TileContext& c) {
  const uint32_t* q = reinterpret_cast<const uint32_t*>(address(chain.y, c));
  const uint32_t* keys = reinterpret_cast<const uint32_t*>(address(chain.keys, c));
  uint32_t* masks = reinterpret_cast<uint32_t*>(address(chain.x, c));
  float* ones = reinterpret_cast<float*>(address(chain.ones, c));
  for (int row = 0; row < c.tiles * kRows; row++)
    for (int head = 0; head < chain.heads; head++)
      ones[row * static_cast<int64_t>(chain.ones.ld) + head] =
          attend(chain, q + row * static_cast<int64_t>(chain.y.ld) + head * chain.head_words,
                 keys + static_cast<int64_t>(head) * chain.head_words * chain.padded_keys,
                 masks + row * static_cast<int64_t>(chain.x.ld) + head * chain.mask_words);
}
