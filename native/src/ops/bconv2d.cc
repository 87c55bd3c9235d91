#include "ops/bconv2d.h"

#include "base/math.h"
#include "kernels/bgemm/pack_weights.h"

namespace bvit {

// Consecutive output positions that go through the kernels together.
struct Bconv2d::Tile {
  const uint32_t* in;
  uint8_t* out;          // of the whole map
  int64_t first;         // position
  int32_t rows;
  uint32_t* patches;     // (rows, patch_words)
  int32_t* counts;       // (rows, 32 * group_blocks)
  float* distances;      // (rows, channels_out): threshold - count
};

bool Bconv2d::is_pointwise() const {
  const WindowSide &y = p_.y, &x = p_.x;
  return y.kernel == 1 && x.kernel == 1 && y.stride == 1 && x.stride == 1;
}

bool Bconv2d::pack_filter() {
  const size_t words = packed_words(group_channels_, patch_words_);
  if (!weights_.reserve<uint32_t>(static_cast<int64_t>(words) * p_.groups)) return false;
  const size_t rows = static_cast<size_t>(group_channels_) * patch_words_;
  for (int32_t g = 0; g < p_.groups; g++)
    pack_weights(p_.filter + g * rows, group_channels_, patch_words_,
                 weights_.as<uint32_t>() + g * words);
  return true;
}

bool Bconv2d::prepare_border() {
  const int64_t taps = static_cast<int64_t>(p_.channels_out) * p_.y.kernel * p_.x.kernel;
  const int32_t channels = p_.channels_in / p_.groups;
  Buffer added;
  if (!added.reserve<int32_t>(taps)) return false;
  const uint32_t* word = p_.filter;
  for (int64_t t = 0; t < taps; t++) {
    int32_t negative = 0;
    for (int32_t w = 0; w < group_words_; w++) negative += __builtin_popcount(*word++);
    // floats: the tap's sum; counts: what was counted instead of half of the channels
    added.as<int32_t>()[t] = p_.corrects_floats() ? channels - 2 * negative
                                                  : negative - channels / 2;
  }
  if (!border_.prepare(p_.y, p_.x, p_.channels_out, added.as<int32_t>(), p_.corrects_floats()))
    return false;
  if (!p_.corrects_floats()) return true;
  const int64_t n = static_cast<int64_t>(border_.entries()) * p_.channels_out;
  if (!border_floats_.reserve<float>(n)) return false;
  for (int32_t e = 0; e < border_.entries(); e++)
    for (int32_t c = 0; c < p_.channels_out; c++)
      border_floats_.as<float>()[static_cast<int64_t>(e) * p_.channels_out + c] =
          (-1.0f * p_.multiplier[c]) * static_cast<float>(border_.sums(e)[c]);
  return true;
}

// A tile's counts fill at most 128 KB of L2, in whole tiles of 7 rows of the kernels.
void Bconv2d::plan_scratch() {
  const int64_t count_row = static_cast<int64_t>(group_blocks_) * kBlock * sizeof(int32_t);
  tile_rows_ = static_cast<int32_t>(clamp<int64_t>((128 << 10) / count_row / 7 * 7, 7, 56));
  tile_rows_ = static_cast<int32_t>(min<int64_t>(tile_rows_, max<int64_t>(rows(), 1)));
  const size_t n = tile_rows_;
  patch_bytes_ = is_pointwise() ? 0 : round_up(n * patch_words_ * sizeof(uint32_t), kAlign);
  count_bytes_ = n * count_row;
  distance_bytes_ =
      p_.out == Type::kInt32 ? round_up(n * p_.channels_out * sizeof(float), kAlign) : 0;
}

bool Bconv2d::prepare(const Bconv2dParameters& parameters, const Kernels* kernels) {
  p_ = parameters;
  kernels_ = kernels;
  group_words_ = p_.words / p_.groups;
  group_channels_ = p_.channels_out / p_.groups;
  group_blocks_ = static_cast<int32_t>(ceil_div(group_channels_, kBlock));
  patch_words_ = p_.y.kernel * p_.x.kernel * group_words_;
  plan_scratch();
  if (!pack_filter()) return false;
  if (p_.zero_padding && !prepare_border()) return false;
  if (p_.out == Type::kInt32) {
    if (!limits_.reserve<float>(p_.channels_out)) return false;
    // rounding a threshold of more than 24 bits changes no comparison: counts have fewer
    for (int32_t c = 0; c < p_.channels_out; c++)
      limits_.as<float>()[c] = static_cast<float>(p_.thresholds[c]);
    return true;
  }
  const bool int8 = p_.out == Type::kInt8;
  return transform_.prepare(p_.multiplier, p_.bias, p_.channels_out, p_.bits(), p_.activation,
                            int8 ? p_.out_scale : 1.0, int8 ? p_.out_zero_point : 0.0);
}

// Patches of a tile's positions: (rows, y.kernel, x.kernel, group_words), zeros (+1) outside.
void Bconv2d::gather(const Tile& tile, int32_t group) const {
  const WindowSide &y = p_.y, &x = p_.x;
  const int64_t pixels = static_cast<int64_t>(y.out) * x.out;
  const size_t tap_bytes = group_words_ * sizeof(uint32_t);
  memset(tile.patches, 0, static_cast<size_t>(tile.rows) * patch_words_ * sizeof(uint32_t));
  for (int32_t r = 0; r < tile.rows; r++) {
    const int64_t row = tile.first + r, image = row / pixels;
    const int64_t oy = row % pixels / x.out, ox = row % x.out;
    uint32_t* patch = tile.patches + static_cast<int64_t>(r) * patch_words_;
    for (int32_t ky = y.first_tap(oy); ky < y.last_tap(oy); ky++) {
      const int64_t line = image * y.in + y.start(oy) + static_cast<int64_t>(ky) * y.dilation;
      for (int32_t kx = x.first_tap(ox); kx < x.last_tap(ox); kx++) {
        const int64_t column = x.start(ox) + static_cast<int64_t>(kx) * x.dilation;
        memcpy(patch + (static_cast<int64_t>(ky) * x.kernel + kx) * group_words_,
               tile.in + (line * x.in + column) * p_.words + group * group_words_, tap_bytes);
      }
    }
  }
}

const uint32_t* Bconv2d::patches(const Tile& tile, int32_t group, ptrdiff_t* ld) const {
  if (is_pointwise()) {
    *ld = p_.words;
    return tile.in + tile.first * p_.words + group * group_words_;
  }
  *ld = patch_words_;
  gather(tile, group);
  return tile.patches;
}

void Bconv2d::correct_counts(const Tile& tile, int32_t group) const {
  for (int32_t r = 0; r < tile.rows; r++) {
    const int64_t row = tile.first + r;
    const int32_t e = border_.entry(row / p_.x.out % p_.y.out, row % p_.x.out);
    if (e < 0) continue;
    int32_t* count = tile.counts + static_cast<int64_t>(r) * group_blocks_ * kBlock;
    const int32_t* sum = border_.sums(e) + group * group_channels_;
    for (int32_t c = 0; c < group_channels_; c++) count[c] -= sum[c];
  }
}

void Bconv2d::write_group(const Tile& tile, int32_t group) const {
  const int32_t first = group * group_channels_;
  for (int32_t r = 0; r < tile.rows; r++) {
    const int32_t* count = tile.counts + static_cast<int64_t>(r) * group_blocks_ * kBlock;
    const int64_t at = (tile.first + r) * p_.channels_out + first;
    if (p_.out == Type::kFloat32) {
      transform_.to_f32(count, first, group_channels_, reinterpret_cast<float*>(tile.out) + at);
    } else if (p_.out == Type::kInt8) {
      transform_.to_i8(count, first, group_channels_, reinterpret_cast<int8_t*>(tile.out) + at);
    } else {
      float* distance = tile.distances + static_cast<int64_t>(r) * p_.channels_out + first;
      const float* limit = limits_.as<float>() + first;
      for (int32_t c = 0; c < group_channels_; c++)
        distance[c] = limit[c] - static_cast<float>(count[c]);
    }
  }
}

void Bconv2d::correct_floats(const Tile& tile) const {
  for (int32_t r = 0; r < tile.rows; r++) {
    const int64_t row = tile.first + r;
    const int32_t e = border_.entry(row / p_.x.out % p_.y.out, row % p_.x.out);
    if (e < 0) continue;
    float* out = reinterpret_cast<float*>(tile.out) + row * p_.channels_out;
    const float* add = border_floats_.as<float>() + static_cast<int64_t>(e) * p_.channels_out;
    for (int32_t c = 0; c < p_.channels_out; c++) out[c] += add[c];
  }
}

void Bconv2d::run(const uint32_t* in, void* out, int64_t begin, int64_t end,
                  void* scratch) const {
  uint8_t* place = static_cast<uint8_t*>(scratch);
  Tile tile = {in, static_cast<uint8_t*>(out), 0, 0, reinterpret_cast<uint32_t*>(place),
               reinterpret_cast<int32_t*>(place + patch_bytes_),
               reinterpret_cast<float*>(place + patch_bytes_ + count_bytes_)};
  const size_t group_weights = packed_words(group_channels_, patch_words_);
  const int32_t words_out = static_cast<int32_t>(ceil_div(p_.channels_out, 32));
  for (tile.first = begin; tile.first < end; tile.first += tile.rows) {
    tile.rows = static_cast<int32_t>(min<int64_t>(tile_rows_, end - tile.first));
    for (int32_t g = 0; g < p_.groups; g++) {
      ptrdiff_t ld;
      const uint32_t* a = patches(tile, g, &ld);
      kernels_->bgemm_i32(tile.rows, group_blocks_, patch_words_, a, ld,
                          weights_.as<uint32_t>() + g * group_weights, tile.counts,
                          static_cast<ptrdiff_t>(group_blocks_) * kBlock);
      if (!p_.corrects_floats() && !border_.empty()) correct_counts(tile, g);
      write_group(tile, g);
    }
    if (p_.corrects_floats() && !border_.empty()) correct_floats(tile);
    if (p_.out == Type::kInt32)
      kernels_->sign_f32(tile.distances, tile.rows, p_.channels_out,
                         static_cast<uint32_t*>(out) + tile.first * words_out);
  }
}

}  // namespace bvit
