// What a graph computes, as few kinds of items on maps: the form that the region compiler works on.
//
// A map is a matrix (rows, channels): positions of images, and what is known of each. An item makes
// one map. Reshapes that keep the rows are gone, constants are parameters per channel or maps.
#pragma once

#include "base/vec.h"
#include "graph/graph.h"
#include "kernels/tile/tile.h"

namespace bvit {

enum class ItemKind : uint8_t {
  kInput,          // from outside
  kConstantMap,    // rows of a constant; fewer rows than its user's repeat
  kBinaryProduct,  // in[0] bits: scale * differing bits + shift
  kFloatProduct,   // in[0] float
  kAttention,      // in: bits of q, k, v: scale * sum of signs of v that q attends to + shift
  kSign,           // bits: in[0] < threshold (in `scale`)
  kAffine,         // scale * x + shift
  kPrelu,          // `scale` is the slope
  kClamp,
  kFunction,       // of each number
  kAdd, kSubtract, kMultiply, kMaximum, kMinimum,
  kTile,           // channels of in[0] repeated `count` times
  kConcat,         // channels of all inputs, side by side
  kGroupMean,      // mean of `count` adjacent channels
  kRowMap,         // rows of in[0] in another order, or repeated
  kView,           // numbers of in[0] in another order: see `view_rows`
  kTaps,           // sum over taps, with weights per tap and channel or without
  kMaxTaps,
  kWhole,          // a whole graph node, run as it is: no fused form
};

// How rows of one map read rows of another: a convolution's geometry. Reversed sides are read from
// the end.
struct Geometry {
  int32_t in_h = 1, in_w = 1, out_h = 1, out_w = 1;
  int32_t kernel_h = 1, kernel_w = 1, stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int32_t pad_top = 0, pad_left = 0;
  int32_t repeat_h = 1, repeat_w = 1;  // rows and columns that read the same place
  bool reverse_h = false, reverse_w = false;

  int32_t taps() const { return kernel_h * kernel_w; }
  int64_t windows() const { return int64_t{out_h} * out_w; }
  bool has_row(int32_t y) const { return y >= 0 && y < in_h; }
  bool has_column(int32_t x) const { return x >= 0 && x < in_w; }
  // Each row reads the row of its own number, and no other.
  bool is_pointwise() const {
    return taps() == 1 && stride_h == 1 && stride_w == 1 && pad_top == 0 && pad_left == 0 &&
           in_h == out_h && in_w == out_w && !reverse_h && !reverse_w && repeat_h == 1 &&
           repeat_w == 1;
  }
  // The row that row `row` reads at `tap`, in order of (kernel row, column); -1 outside of the map.
  int32_t source(int32_t row, int32_t tap) const;
  bool reaches_outside() const;
};

struct Item {
  ItemKind kind = ItemKind::kInput;
  Vec<int32_t> in;
  int32_t rows = 0, channels = 0;
  bool bits = false;             // packed signs: `channels` counts bits
  int32_t value = -1;            // of the graph, where it comes from or what it is
  bool exported = false;         // the graph's `value` is read outside
  Vec<float> scale, shift;       // of `channels` numbers, or empty
  float low = 0, high = 0;       // kClamp
  Function function = Function::kLogistic;
  int32_t count = 0;             // kTile, kGroupMean
  Geometry geometry;             // products, taps, row maps
  // kView: number (row, channel) is number view_rows[row] + view_channels[channel] of in[0], counted
  // without padding; the two add up without a carry from its channels to its rows.
  Vec<int32_t> view_rows, view_channels;
  bool row_map = false;          // kView: channels in order, from one on at which 32 of the row can be read
  // Binary filters are [channels][tap][words], float ones [channels][tap][inputs]; taps' weights
  // [tap][channels], or null for plain sums. Constants of the graph.
  const void* weights = nullptr;
  const float* constant = nullptr;   // kConstantMap
  Vec<float> own_weights;            // taps' weights instead of the graph's
  // [pattern][channels], added to rows by which taps are missing there: of binary products what
  // padding adds too much, of taps the shift of the taps that are inside.
  Vec<float> border;
  bool border_scales = false;        // taps: `border` multiplies instead
  Vec<int32_t> border_pattern;       // [rows of one image]: its number
  // kAttention
  int32_t heads = 0;
  int32_t images = 1;                // rows of each attend to keys of its own
  Vec<float> exponentials;           // of a distance between q and k, 0 .. bits per head
  float threshold = 0;
  int32_t node = -1;                 // kWhole: of the graph
  int64_t raw_bytes = 0;             // of a map of 8-bit numbers, which only kWhole reads or makes
  bool addend = false;               // kAffine: made to be added to a product where `in` lies
};

struct Net {
  const Graph* graph = nullptr;
  Vec<Item> items;                   // in order of computation
  Vec<const char*> limits;           // of each node that is not in it: what it goes beyond, if that is known

  int32_t add(const Item& item) {
    items.push(item);
    return static_cast<int32_t>(items.size()) - 1;
  }
};

// Which taps are outside of the map, as bits: the sets that occur, and the number of each row's set.
struct MissingTaps {
  Vec<uint64_t> sets;      // the first one is empty
  Vec<int32_t> of_row;     // of one image
};
MissingTaps find_missing_taps(const Geometry& g);  // of at most 64 taps

bool same_rows(const Geometry& a, const Geometry& b);

// Whether `to` reads rows of its input number `i` that other tiles may make.
bool crosses_rows(const Item& to, int i);

// The graph as a net. `taken[i]` becomes 1 where node i is in it; what other nodes make is an input.
void lower(const Graph& graph, Net* net, Vec<uint8_t>* taken);

// Items that say the same in fewer operations; those without use are left in place.
void simplify(Net* net);

// Items that are computed tile by tile in one go: between regions, all rows are done.
struct Region {
  int32_t level = 0, rows = 0;
  Vec<int32_t> items;            // in order of computation

  void swap_with(Region* other) {
    Region keep = static_cast<Region&&>(*other);
    *other = static_cast<Region&&>(*this);
    *this = static_cast<Region&&>(keep);
  }
};

// Puts every item that is needed into a region, as late as possible. Cheap items that several regions
// read are computed in each of them.
void schedule(Net* net, Vec<Region>* regions);

// Whether an item is stored as it comes, without a region: inputs and constants.
inline bool is_given(const Item& item) {
  return item.kind == ItemKind::kInput || item.kind == ItemKind::kConstantMap;
}

// Whether an item is needed for what is read outside, a flag each.
Vec<uint8_t> find_live(const Net& net);

// How often each item is read by those that are needed, exports included.
Vec<int32_t> count_uses(const Net& net);

}  // namespace bvit
