// What a compiled region does to a tile of rows, as data.
//
// A map is a matrix of rows (positions of an image) and channels, padded to whole blocks of 32
// channels and whole tiles of 7 rows. A region takes a strip of tiles through its chains, one chain
// after the other. A chain computes one block of channels of all the strip's tiles at a time: its
// operations work on 7 x 32 numbers `z` that stay in registers, begin with a product, a load or a
// sum over taps, and store what others need. That is how scale, shift, residuals, PReLU, means and
// signs cost no memory traffic of their own.
#pragma once

#include "base/libc.h"
#include "kernels/kernels.h"

namespace bvit {

constexpr int kRows = 7;       // of a tile: 7 divides the maps of 224 pixels
constexpr int kMaxOps = 40;    // of a chain
constexpr int32_t kAllOutside = -1, kIrregular = -2;

// Where an operand lies. Spaces: 0 the arena of maps, 1 this thread's scratch, 2 constants (offsets
// are addresses), 3 and on the tensors that come and go from outside.
enum Space : uint8_t { kArena = 0, kScratch = 1, kConstant = 2, kExternal = 3 };

struct Operand {
  uint16_t space = kConstant;
  bool map = false;              // rows of the whole map, not of the strip
  int32_t ld = 0;                // elements of 4 bytes from one row to the next
  int64_t offset = 0;            // bytes
  // of float operands:
  int32_t first = 0;             // block of channels that block 0 of the chain reads
  int32_t period = 0;            // blocks after which the channels repeat; 0: never
  const int32_t* rows = nullptr; // element offsets of rows (of the whole map), where not in order
};

// Of single numbers, within 1e-6 of them or of 1.
enum class Function : uint8_t { kLogistic, kTanh, kHardSwish };

enum class OpKind : uint8_t {
  // what begins a chain
  kUnit,           // kBinaryProduct, kAdd or kAddScaled of `w` by p2, kPrelu by p3
  kBinaryProduct,  // z = p0 * popcount(a ^ w) + p1
  kFloatProduct,   // z = sum_k a[k] * w[k] + p1
  kContext,        // z = p0 * (ones - 2 * popcount(a & w)) + p1, w and ones per head
  kLoad,           // z = x
  kZero,           // z = p1
  // what goes on
  kAdd,            // z += x
  kSubtract,       // z -= x
  kMultiply,       // z *= x
  kMaximum,        // z = max(z, x)
  kMinimum,
  kAddScaled,      // z += p0 * x
  kTaps,           // z += sum_t p0[t] * x[tap t]; without p0 plain sums
  kLine,           // kTaps of 3 or 5 symmetric neighbours in a row, each read once
  kMaxTaps,        // z = max(z, x[tap t]), of those that are numbers
  kScaleAdd,       // z = p0 * z + x
  kAffine,         // z = p0 * z + p1
  kScale,          // z *= p0
  kShift,          // z += p1
  kPrelu,          // z *= p0 where z < 0
  kClamp,          // z = min(max(z, low), high), NaN where z is
  kFunction,       // z = function(z)
  kStore,          // x = z
  kSign,           // bits of x = z < p0
  kGroupAdd,       // x[group] = sum over the group's blocks of both halves of z; once in a chain
};

// One operation. Parameters hold 32 numbers per block of the chain (taps: 32 per tap and block).
struct TileOp {
  explicit TileOp(OpKind kind = OpKind::kLoad) : kind(kind) {}

  OpKind kind;
  Operand x;                    // the operand that is read or written; of products the rows `a`
  const float* p0 = nullptr;
  const float* p1 = nullptr;
  const float* p2 = nullptr;
  const float* p3 = nullptr;
  const uint32_t* weights = nullptr;  // binary [blocks][k][32], float the same as bits of floats
  int32_t k = 0;                // words (binary) or numbers (float) of a product
  // kTaps, kMaxTaps
  const int32_t* taps = nullptr;      // [rows][count]: element offset in x's map, < 0: outside
  // [tiles][count]: where the 7 rows of a tile read every `step` elements, the first one's offset;
  // kAllOutside where none is inside, kIrregular where `taps` must be asked
  const int32_t* starts = nullptr;
  int32_t step = 0, count = 0;
  // kFloatProduct with `segments`: the rows of `w` at starts[tile][segment], `step` elements apart, hold
  // k / segments of the numbers; where the first is kIrregular, `x` holds copies of all of them.
  int32_t segments = 0;
  bool symmetric = false;             // taps t and count - 1 - t weigh the same
  // kLine: [tiles][kRows + count - 1]: the offsets that the rows of a tile read together
  const int32_t* line = nullptr;
  // kClamp
  float low = 0, high = 0;
  Function function = Function::kLogistic;
  // kUnit: `w` is added, times p2 where there is one.
  // kContext: blocks per head; `x` are masks [rows][heads][k], `w` [k][channels], `ones` [rows][heads]
  int32_t head_blocks = 0;
  int32_t image_tiles = 0;            // tiles that share `w`, the next ones read the next one; 0: all
  Operand w, ones;
  // kGroupAdd: blocks that add up to the same 16 channels
  int32_t group = 0;
};

enum class ChainKind : uint8_t {
  kTile,          // ops over blocks
  kPatchWords,    // copies rows of words (or floats) of taps side by side
  kPermute,       // x[i] = scale[i] * y[index[i]] within each row
  kGather,        // x[column + i] = y[index[i]], from anywhere in y where it has `rows`
  kGroupMean,     // x[i] = mean of `count` adjacent channels of y
  kScores,        // attention: which keys each row attends to
};

struct Chain {
  ChainKind kind = ChainKind::kTile;
  int32_t blocks = 0;
  int32_t op_count = 0;
  const TileOp* ops = nullptr;
  int32_t frequent = -1;           // number in the list of frequent chains; -1: it is interpreted
  // kPatchWords, kPermute, kGather, kGroupMean: from y to x
  Operand x, y;
  const float* scale = nullptr;    // permute; none: 1
  const int32_t* index = nullptr;  // patches: [rows][count] element offsets, < 0: zeros
  int32_t count = 0;               // taps, channels of a group, or (gather) numbers that stay side by side
  int32_t column = 0;              // gather
  const int32_t* starts = nullptr; // patches: TileOp::starts, for tiles that need no copies
  int32_t segments = 0;
  int32_t length = 0;              // elements per tap (patches), of a row of x (permute, gather, mean)
  // kScores: x masks [rows][heads][words], ones [rows][heads] floats, y bits of q
  Operand ones, keys;              // keys: [heads * d / 32][padded keys] words
  int32_t image_tiles = 0;         // tiles that share keys, the next ones read the next; 0: all
  int32_t heads = 0, head_words = 0, key_count = 0, padded_keys = 0, mask_words = 0;
  const float* exponentials = nullptr;  // [32 * head_words + 1]: of a distance, its weight
  float threshold = 0;                  // a probability above it attends
};

struct TileContext {
  uint8_t* const* spaces;
  int32_t first_row;  // of the strip, in the region's map
  int32_t tiles;      // of the strip
};

inline uint8_t* address(const Operand& x, const TileContext& c) {
  uint8_t* base = x.space == kConstant ? reinterpret_cast<uint8_t*>(static_cast<uintptr_t>(x.offset))
                                       : c.spaces[x.space] + x.offset;
  return x.map ? base + static_cast<int64_t>(c.first_row) * x.ld * 4 : base;
}

// Chains that are not kTile, the same for all instruction sets.
void run_patch_words(const Chain& chain, const TileContext& c);
void run_gather(const Chain& chain, const TileContext& c);
void run_group_mean(const Chain& chain, const TileContext& c);

}  // namespace bvit
