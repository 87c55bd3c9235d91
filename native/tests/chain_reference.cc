#include "chain_reference.h"

#include <math.h>
#include <stdlib.h>

namespace bvit {
namespace test {
namespace {

// Sums of some thousand terms around 1 are this exact in float32.
constexpr double kClose = 1e-3;

bool is_close(double a, double b) { return fabs(a - b) <= kClose * (fabs(a) + fabs(b) + 1); }

void set_bit(uint32_t* word, int bit, bool on) {
  *word = (*word & ~(1u << bit)) | static_cast<uint32_t>(on) << bit;
}

// The address of a row of the strip, of 4-byte elements.
uint8_t* row_of(const Operand& x, const TileContext& c, int row) {
  return address(x, c) + 4 * static_cast<int64_t>(row) * x.ld;
}

// Where an elementwise operand has its number for a row of the strip and a channel of the chain.
float* number_of(const Operand& x, const TileContext& c, int row, int channel) {
  int block = channel / kBlock;
  if (x.period) block %= x.period;
  const int64_t column = kBlock * (x.first + block) + channel % kBlock;
  if (x.rows == nullptr) return reinterpret_cast<float*>(row_of(x, c, row)) + column;
  TileContext whole = c;
  whole.first_row = 0;
  return reinterpret_cast<float*>(address(x, whole)) + x.rows[c.first_row + row] + column;
}

int count_bits(const uint32_t* a, const uint32_t* w, int64_t ldw, int k, bool common) {
  int count = 0;
  for (int i = 0; i < k; i++)
    count += __builtin_popcount(common ? a[i] & w[i * ldw] : a[i] ^ w[i * ldw]);
  return count;
}

// Number k of a row of a float product: of the row itself, or of a segment of the map it is read from.
float float_of(const TileOp& op, const TileContext& c, int row, int k) {
  const int32_t* starts = op.starts + (c.first_row + row) / kRows * op.segments;
  if (op.segments == 0 || starts[0] == kIrregular)
    return reinterpret_cast<const float*>(row_of(op.x, c, row))[k];
  const int length = op.k / op.segments;
  const float* map = reinterpret_cast<const float*>(address(op.w, c));
  return map[starts[k / length] + row % kRows * op.step + k % length];
}

double product(const TileOp& op, const TileContext& c, int row, int channel) {
  const int block = channel / kBlock, n = channel % kBlock;
  const uint8_t* a = row_of(op.x, c, row);
  const uint32_t* words = reinterpret_cast<const uint32_t*>(a);
  const uint32_t* w = op.weights + static_cast<int64_t>(block) * op.k * kBlock + n;
  if (op.kind == OpKind::kBinaryProduct)
    return op.p0[channel] * static_cast<double>(count_bits(words, w, kBlock, op.k, false)) +
           op.p1[channel];
  if (op.kind == OpKind::kFloatProduct) {
    double sum = op.p1[channel];
    for (int k = 0; k < op.k; k++)
      sum += static_cast<double>(float_of(op, c, row, k)) *
             reinterpret_cast<const float*>(w)[k * kBlock];
    return sum;
  }
  const int head = block / op.head_blocks;
  const int64_t image = op.image_tiles ? (c.first_row + row) / kRows / op.image_tiles : 0;
  const uint32_t* values =
      reinterpret_cast<const uint32_t*>(address(op.w, c)) + image * op.k * op.w.ld + channel;
  const double ones = reinterpret_cast<const float*>(row_of(op.ones, c, row))[head];
  const int common = count_bits(words + head * op.k, values, op.w.ld, op.k, true);
  return op.p0[channel] * (ones - 2 * common) + op.p1[channel];
}

// A binary product, what is added to it, and PReLU.
double unit(const TileOp& op, const TileContext& c, int row, int channel) {
  const uint32_t* a = reinterpret_cast<const uint32_t*>(row_of(op.x, c, row));
  const uint32_t* w =
      op.weights + static_cast<int64_t>(channel / kBlock) * op.k * kBlock + channel % kBlock;
  const double scale = op.p2 ? op.p2[channel] : 1;
  const double z = op.p0[channel] * static_cast<double>(count_bits(a, w, kBlock, op.k, false)) +
                   op.p1[channel] + scale * *number_of(op.w, c, row, channel);
  return z < 0 ? op.p3[channel] * z : z;
}

// `z` with all taps of a row taken in.
double with_taps(const TileOp& op, const TileContext& c, int row, int channel, double z) {
  TileContext whole = c;
  whole.first_row = 0;
  int block = channel / kBlock;
  const float* weights =
      op.p0 ? op.p0 + static_cast<int64_t>(block) * op.count * kBlock + channel % kBlock : nullptr;
  if (op.x.period) block %= op.x.period;
  const float* map = reinterpret_cast<const float*>(address(op.x, whole)) +
                     kBlock * (op.x.first + block) + channel % kBlock;
  const int32_t* taps = op.taps + static_cast<int64_t>(c.first_row + row) * op.count;
  for (int t = 0; t < op.count; t++) {
    if (taps[t] < 0) continue;
    const double x = map[taps[t]], w = weights ? weights[t * kBlock] : 1;
    z = op.kind == OpKind::kMaxTaps ? fmax(z, x) : z + w * x;
  }
  return z;
}

void store_sign(const TileOp& op, const TileContext& c, const TileContext& unsure, int row,
                int channel, double z) {
  const int64_t word = op.x.first + channel / kBlock;
  uint32_t* to = reinterpret_cast<uint32_t*>(row_of(op.x, c, row)) + word;
  uint32_t* doubt = reinterpret_cast<uint32_t*>(row_of(op.x, unsure, row)) + word;
  const double threshold = op.p0[channel];
  set_bit(to, channel % kBlock, z < threshold);
  set_bit(doubt, channel % kBlock, is_close(z, threshold));
}

double function(Function f, double z) {
  switch (f) {
    case Function::kLogistic: return 1 / (1 + exp(-z));
    case Function::kTanh: return tanh(z);
    case Function::kHardSwish: return z * fmin(fmax(z + 3, 0), 6) / 6;
  }
  abort();
}

double step(const TileOp& op, const TileContext& c, const TileContext& unsure, int row, int channel,
            double z) {
  const auto x = [&] { return static_cast<double>(*number_of(op.x, c, row, channel)); };
  const double p0 = op.p0 ? op.p0[channel] : 0, p1 = op.p1 ? op.p1[channel] : 0;
  switch (op.kind) {
    case OpKind::kBinaryProduct:
    case OpKind::kFloatProduct:
    case OpKind::kContext: return product(op, c, row, channel);
    case OpKind::kUnit: return unit(op, c, row, channel);
    case OpKind::kLoad: return x();
    case OpKind::kZero: return p1;
    case OpKind::kAdd: return z + x();
    case OpKind::kSubtract: return z - x();
    case OpKind::kMaximum: return fmax(z, x());
    case OpKind::kMinimum: return fmin(z, x());
    case OpKind::kFunction: return function(op.function, z);
    case OpKind::kMultiply: return z * x();
    case OpKind::kAddScaled: return z + p0 * x();
    case OpKind::kTaps:
    case OpKind::kLine:
    case OpKind::kMaxTaps: return with_taps(op, c, row, channel, z);
    case OpKind::kScaleAdd: return p0 * z + x();
    case OpKind::kAffine: return p0 * z + p1;
    case OpKind::kScale: return z * p0;
    case OpKind::kShift: return z + p1;
    case OpKind::kPrelu: return z < 0 ? p0 * z : z;
    case OpKind::kClamp: return fmin(fmax(z, op.low), op.high);
    case OpKind::kStore: *number_of(op.x, c, row, channel) = static_cast<float>(z); return z;
    case OpKind::kSign: store_sign(op, c, unsure, row, channel, z); return z;
    case OpKind::kGroupAdd: {
      const int group = channel / kBlock / op.group;
      float* sum = reinterpret_cast<float*>(row_of(op.x, c, row)) + 16 * group + channel % 16;
      const bool first = channel % (kBlock * op.group) < 16;
      *sum = static_cast<float>(first ? z : z + *sum);
      return z;
    }
  }
  abort();
}

void move(const Chain& chain, const TileContext& c, int row) {
  TileContext whole = c;
  whole.first_row = 0;
  float* to = reinterpret_cast<float*>(row_of(chain.x, c, row));
  const float* from = reinterpret_cast<const float*>(row_of(chain.y, c, row));
  const float* map = reinterpret_cast<const float*>(address(chain.y, whole));
  const bool patches = chain.kind == ChainKind::kPatchWords;
  const int32_t* taps =
      chain.index + (patches ? static_cast<int64_t>(c.first_row + row) * chain.count : 0);
  for (int i = 0; i < chain.length; i++) {
    if (chain.kind == ChainKind::kPermute)
      to[i] = (chain.scale ? chain.scale[i] : 1) * from[chain.index[i]];
    if (chain.kind == ChainKind::kGather)
      to[chain.column + i] =
          (chain.y.rows ? map + chain.y.rows[c.first_row + row] : from)[chain.index[i]];
    if (chain.kind == ChainKind::kGroupMean) {
      double sum = 0;
      for (int j = 0; j < chain.count; j++) sum += from[i * chain.count + j];
      to[i] = static_cast<float>(sum / chain.count);
    }
    if (patches)
      for (int t = 0; t < chain.count; t++)
        to[t * chain.length + i] = taps[t] < 0 ? 0 : map[taps[t] + i];
  }
}

void score(const Chain& chain, const TileContext& c, const TileContext& unsure, int row, int head) {
  const uint32_t* q =
      reinterpret_cast<const uint32_t*>(row_of(chain.y, c, row)) + head * chain.head_words;
  const int64_t image = chain.image_tiles ? (c.first_row + row) / kRows / chain.image_tiles : 0;
  const uint32_t* keys = reinterpret_cast<const uint32_t*>(address(chain.keys, c)) +
                         (image * chain.heads + head) * chain.head_words * chain.padded_keys;
  const auto weight = [&](int key) {
    return static_cast<double>(chain.exponentials[count_bits(q, keys + key, chain.padded_keys,
                                                             chain.head_words, false)]);
  };
  uint32_t* mask =
      reinterpret_cast<uint32_t*>(row_of(chain.x, c, row)) + head * chain.mask_words;
  uint32_t* doubt =
      reinterpret_cast<uint32_t*>(row_of(chain.x, unsure, row)) + head * chain.mask_words;
  double sum = 0;
  for (int key = 0; key < chain.key_count; key++) sum += weight(key);
  for (int i = 0; i < chain.mask_words; i++) mask[i] = doubt[i] = 0;
  int ones = 0;
  for (int key = 0; key < chain.key_count; key++) {
    const double w = weight(key), limit = sum * chain.threshold;
    set_bit(mask + key / 32, key % 32, w > limit);
    set_bit(doubt + key / 32, key % 32, fabs(w - limit) <= 1e-5 * limit);
    ones += w > limit;
  }
  reinterpret_cast<float*>(row_of(chain.ones, c, row))[head] = static_cast<float>(ones);
}

}  // namespace

void run_reference(const Chain& chain, const TileContext& c, const TileContext& unsure) {
  for (int row = 0; row < c.tiles * kRows; row++) {
    if (chain.kind == ChainKind::kScores) {
      for (int head = 0; head < chain.heads; head++) score(chain, c, unsure, row, head);
    } else if (chain.kind != ChainKind::kTile) {
      move(chain, c, row);
    } else {
      for (int channel = 0; channel < kBlock * chain.blocks; channel++) {
        double z = 0;
        for (int i = 0; i < chain.op_count; i++)
          z = step(chain.ops[i], c, unsure, row, channel, z);
      }
    }
  }
}

}  // namespace test
}  // namespace bvit
