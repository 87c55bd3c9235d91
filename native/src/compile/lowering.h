// The state of `lower`: which item each value of the graph became.
#pragma once

#include "compile/net.h"
#include "compile/view.h"

namespace bvit {

// softmax(sign(q) . sign(k)^T) > threshold, times sign(v), as the converter writes it.
struct AttentionMatch {
  Vec<int32_t> nodes;           // of the graph; the last one makes `out`
  int32_t q = -1, k = -1, v = -1, out = -1;  // values, before their signs
  Vec<float> q_threshold, k_threshold, v_threshold;  // per channel
  float scale = 0;              // of a score: magnitudes of q and k, times beta
  float magnitude = 0;          // of v
  float threshold = 0;          // of a probability
  int32_t heads = 0, images = 1;
};

class Lowering {
 public:
  Lowering(const Graph& graph, Net* net);
  void run(Vec<uint8_t>* taken);

  // --- for the handlers of ops ---
  const Graph& graph;
  Net& net;

  // The item of a float or bit-packed map; an input where no item made it. -1: no such map.
  int32_t item_of(int32_t value);
  // The item of a map of floats that is no constant, or -1.
  int32_t float_map(int32_t value);
  // A value that layout made as what it is of another one; any value as itself.
  View view_of(int32_t value) const;
  // An item for so many rows and channels of a map of floats; it may be there already. -1: no tiles can
  // read it so.
  int32_t view_item(const View& view, int64_t rows, int64_t channels);
  // The item of a map of 8-bit numbers.
  int32_t raw_item_of(int32_t value);
  void define(int32_t value, const Item& item);
  void alias(int32_t value, int32_t item) { items_[value] = item; }
  // Floats of a constant value, or null.
  const float* floats(int32_t value) const;
  // A constant as one number per channel: a scalar or a vector that broadcasts over all rows.
  bool per_channel(int32_t value, int32_t channels, Vec<float>* out) const;
  bool is_constant(int32_t value) const { return floats(value) != nullptr; }
  const Vec<int32_t>& consumers(int32_t value) const { return consumers_[value]; }
  int32_t producer(int32_t value) const { return producers_[value]; }
  // An item for a map of the value's shape.
  Item map_item(ItemKind kind, int32_t value, int32_t in) const;
  // Whether there is room for a view of so many rows and channels, which is taken.
  bool take_view_room(int64_t positions);
  // Whether there is room for so many numbers about windows that reach over borders, which is taken.
  bool take_border_room(int64_t numbers);
  // Always false: what the node at hand goes beyond.
  bool refuse(const char* limit) {
    limit_ = limit;
    return false;
  }
  // The item followed by TFLite's fused activation, as the value.
  bool define_activated(int32_t value, const Item& item, int32_t activation);

 private:
  bool lower_node(const Node& node);
  bool lower_attention(const AttentionMatch& match);

  Vec<int32_t> items_, producers_;
  Vec<Vec<int32_t>> consumers_;
  Vec<View> views_;
  const char* limit_ = nullptr;
  int64_t channel_room_ = 1 << 26;  // of all maps that nodes make: each of their channels has parameters
  int64_t border_room_ = 1 << 26;  // of all windows that reach over borders: a few numbers may ask for many
  int64_t view_room_ = 1 << 24;  // rows and channels of all views: a file may name as many as it likes
};

bool lower_binary_product(Lowering* l, const Node& node);
bool lower_convolution(Lowering* l, const Node& node);
bool lower_depthwise(Lowering* l, const Node& node);
bool lower_fully_connected(Lowering* l, const Node& node);
bool lower_elementwise(Lowering* l, const Node& node);
bool lower_pool(Lowering* l, const Node& node);
bool lower_reduction(Lowering* l, const Node& node);
bool lower_pad(Lowering* l, const Node& node);
bool lower_row_map(Lowering* l, const Node& node);
bool lower_layout(Lowering* l, const Node& node);
bool lower_concat(Lowering* l, const Node& node);
bool lower_whole(Lowering* l, const Node& node);

void match_attention(const Lowering& l, Vec<AttentionMatch>* matches);

// Padding of TFLite: how many rows a window reaches over the top.
int32_t pad_before(int32_t padding, int32_t in, int32_t out, int32_t kernel, int32_t stride,
                   int32_t dilation);
bool geometry_of(Lowering* l, const Node& node, int32_t kernel_h, int32_t kernel_w, Geometry* g);

}  // namespace bvit
