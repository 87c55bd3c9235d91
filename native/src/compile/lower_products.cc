#include "base/math.h"
#include "compile/lowering.h"
#include "ops/border.h"

namespace bvit {

int32_t pad_before(int32_t padding, int32_t in, int32_t out, int32_t kernel, int32_t stride,
                   int32_t dilation) {
  if (padding != kPaddingSame) return 0;
  const int64_t reach = static_cast<int64_t>(out - 1) * stride + (kernel - 1) * dilation + 1;
  return static_cast<int32_t>(max<int64_t>(reach - in, 0) / 2);
}

bool geometry_of(Lowering* l, const Node& node, int32_t kernel_h, int32_t kernel_w, Geometry* g) {
  // beyond any model; below, sums and products of these stay within 32 bits
  const Attributes& at = node.at;
  const int32_t sides[] = {kernel_h, kernel_w, at.stride_h, at.stride_w, at.dilation_h, at.dilation_w};
  for (int32_t side : sides)
    if (side < 1 || side > 1 << 12) return l->refuse("a side, stride or dilation of its windows is beyond 2^12");
  const Shape &in = l->graph.in(node, 0).shape, &out = l->graph.out(node).shape;
  if (in.rank != 4 || out.rank != 4 || in.dim[0] != out.dim[0]) return false;
  g->in_h = in.dim[1], g->in_w = in.dim[2], g->out_h = out.dim[1], g->out_w = out.dim[2];
  g->kernel_h = kernel_h, g->kernel_w = kernel_w;
  g->stride_h = node.at.stride_h, g->stride_w = node.at.stride_w;
  g->dilation_h = node.at.dilation_h, g->dilation_w = node.at.dilation_w;
  g->pad_top = pad_before(node.at.padding, g->in_h, g->out_h, kernel_h, g->stride_h, g->dilation_h);
  g->pad_left = pad_before(node.at.padding, g->in_w, g->out_w, kernel_w, g->stride_w, g->dilation_w);
  if (kernel_h * kernel_w > 1 << 12) return l->refuse("its windows have more than 2^12 places");
  return out.rows() * kernel_h * kernel_w < 1 << 28 || l->refuse("all its windows together have 2^28 places or more");
}

namespace {

// Signs of a filter's tap, summed over its inputs: what a padded (+1) activation would have added.
int32_t tap_sum(const uint32_t* words, int32_t count, int32_t channels) {
  int32_t negative = 0;
  for (int32_t i = 0; i < count; i++) negative += __builtin_popcount(words[i]);
  return channels - 2 * negative;
}

// Places that LCE's float outputs take as padded with ones: on maps about as small as the filter.
void leave_out_as_lce(const Geometry& g, MissingTaps* missing) {
  const WindowSide y = {g.in_h, g.out_h, g.kernel_h, g.stride_h, g.dilation_h, g.pad_top};
  const WindowSide x = {g.in_w, g.out_w, g.kernel_w, g.stride_w, g.dilation_w, g.pad_left};
  for (int32_t row = 0; row < g.out_h * g.out_w; row++)
    if (!lce_corrects(y, row / g.out_w, x, row % g.out_w)) missing->of_row[row] = 0;
}

// Zero padding: bits of padding count as +1, so what they add is taken away again, by the pattern
// of missing taps.
bool add_border(Lowering* l, Item* item, const Node& node, int32_t inputs) {
  const Geometry& g = item->geometry;
  if (g.taps() > 64 || !l->take_border_room(g.windows())) return false;
  const int32_t words = static_cast<int32_t>(ceil_div(inputs, 32));
  const uint32_t* filter = static_cast<const uint32_t*>(item->weights);
  MissingTaps missing_taps = find_missing_taps(g);
  if (node.at.activation == kNone) leave_out_as_lce(g, &missing_taps);
  if (!l->take_border_room(static_cast<int64_t>(missing_taps.sets.size()) * item->channels)) return false;
  item->border_pattern = missing_taps.of_row;
  for (uint64_t missing : missing_taps.sets)
    for (int32_t n = 0; n < item->channels; n++) {
      int32_t sum = 0;
      for (int32_t t = 0; t < g.taps(); t++)
        if (missing >> t & 1) sum += tap_sum(filter + (static_cast<int64_t>(n) * g.taps() + t) * words, words, inputs);
      item->border.push(static_cast<float>(-sum));
    }
  return true;
}

bool quantize(Lowering* l, const Node& node) {
  if (l->graph.in(node, 0).type != Type::kFloat32) return false;
  const int32_t x = l->item_of(node.in[0]);
  if (x < 0 || l->net.items[x].bits || l->net.items[x].constant) return false;
  Item item = l->map_item(ItemKind::kSign, node.out[0], x);
  item.bits = true;
  item.channels = l->net.items[x].channels;
  item.scale.resize(item.channels, 0.0f);
  l->define(node.out[0], item);
  return true;
}

// Bits where the count of differing bits is above a threshold.
bool threshold_bits(Lowering* l, const Node& node, Item product) {
  const Value& thresholds = l->graph.values[node.in[4]];
  const int32_t* t = static_cast<const int32_t*>(thresholds.data);
  if (!t || !product.border.empty()) return false;
  product.scale.clear(), product.shift.clear();
  product.scale.resize(product.channels, -1.0f);
  product.value = -1;
  Item sign = l->map_item(ItemKind::kSign, node.out[0], l->net.add(product));
  sign.bits = true;
  sign.channels = product.channels;
  for (int32_t c = 0; c < sign.channels; c++) sign.scale.push(-static_cast<float>(t[c]));
  l->define(node.out[0], sign);
  return true;
}

bool convolution(Lowering* l, const Node& node) {
  const Value &filter = l->graph.in(node, 1), &out = l->graph.out(node);
  const int32_t x = l->item_of(node.in[0]);
  if (x < 0 || !l->net.items[x].bits || node.at.groups != 1) return false;
  Item item = l->map_item(ItemKind::kBinaryProduct, node.out[0], x);
  item.channels = filter.shape.dim[0];
  item.weights = filter.data;
  const int32_t inputs = node.at.channels_in;
  if (!geometry_of(l, node, filter.shape.dim[1], filter.shape.dim[2], &item.geometry)) return false;
  const bool pads_zeros = node.at.pad_value == 0 && item.geometry.reaches_outside();
  if (pads_zeros && !add_border(l, &item, node, inputs)) return false;
  if (out.type == Type::kInt32) return threshold_bits(l, node, item);
  if (out.type != Type::kFloat32) return false;
  const float bits = static_cast<float>(static_cast<int64_t>(item.geometry.taps()) * inputs);
  item.scale.resize(item.channels, -2.0f);
  item.shift.resize(item.channels, bits);
  Vec<float> multiplier(item.channels, 1.0f), bias(item.channels, 0.0f);
  if (node.in[2] >= 0 && !l->per_channel(node.in[2], item.channels, &multiplier)) return false;
  if (node.in[3] >= 0 && !l->per_channel(node.in[3], item.channels, &bias)) return false;
  Item affine = l->map_item(ItemKind::kAffine, node.out[0], -1);
  affine.scale = multiplier, affine.shift = bias;
  item.value = -1;
  int32_t source = l->net.add(item);
  if (node.at.activation != kNone) {
    Item clamp = l->map_item(ItemKind::kClamp, node.out[0], source);
    clamp.value = -1;
    clamp.low = node.at.activation == kActReluN1To1 ? -1.0f : 0.0f;
    clamp.high = node.at.activation == kActReluN1To1 ? 1.0f : node.at.activation == kActRelu6 ? 6.0f : __builtin_inff();
    source = l->net.add(clamp);
  }
  affine.in.push(source);
  l->define(node.out[0], affine);
  return true;
}

// A float product's filter with its bias, then its activation.
bool float_product(Lowering* l, const Node& node, int32_t x, const Geometry& g) {
  const Value& filter = l->graph.in(node, 1);
  Item item = l->map_item(ItemKind::kFloatProduct, node.out[0], x);
  if (l->graph.out(node).type != Type::kFloat32 || item.channels != filter.shape.dim[0]) return false;
  item.geometry = g;
  item.weights = l->floats(node.in[1]);
  const bool has_bias = node.in.size() > 2 && node.in[2] >= 0;
  if (!item.weights || (has_bias && !l->per_channel(node.in[2], item.channels, &item.shift))) return false;
  return l->define_activated(node.out[0], item, node.at.activation);
}

}  // namespace

bool lower_binary_product(Lowering* l, const Node& node) {
  return node.op == Op::kLceQuantize ? quantize(l, node) : convolution(l, node);
}

bool lower_convolution(Lowering* l, const Node& node) {
  const Value& filter = l->graph.in(node, 1);
  const int32_t x = l->item_of(node.in[0]);
  if (x < 0 || l->net.items[x].bits || filter.shape.rank != 4 || l->net.items[x].constant) return false;
  Geometry g;
  if (!geometry_of(l, node, filter.shape.dim[1], filter.shape.dim[2], &g)) return false;
  if (filter.shape.dim[3] != l->net.items[x].channels) return false;  // grouped
  return float_product(l, node, x, g);
}

bool lower_fully_connected(Lowering* l, const Node& node) {
  const Value& filter = l->graph.in(node, 1);
  if (l->float_map(node.in[0]) < 0 || filter.shape.rank != 2) return false;
  const int64_t rows = l->graph.out(node).shape.rows();
  const int32_t x = l->view_item(l->view_of(node.in[0]), rows, filter.shape.dim[1]);
  return x >= 0 && float_product(l, node, x, Geometry());
}

bool lower_depthwise(Lowering* l, const Node& node) {
  const Value& filter = l->graph.in(node, 1);
  const int32_t x = l->item_of(node.in[0]);
  if (x < 0 || l->net.items[x].bits || node.at.depth_multiplier != 1 || filter.shape.rank != 4) return false;
  Item item = l->map_item(ItemKind::kTaps, node.out[0], x);
  item.weights = l->floats(node.in[1]);
  if (!item.weights || item.channels != filter.shape.dim[3] || item.channels != l->net.items[x].channels) return false;
  if (!geometry_of(l, node, filter.shape.dim[1], filter.shape.dim[2], &item.geometry)) return false;
  Item shift = l->map_item(ItemKind::kAffine, node.out[0], -1);
  bool any = false;
  if (node.in.size() > 2 && node.in[2] >= 0) {
    if (!l->per_channel(node.in[2], item.channels, &shift.shift)) return false;
    for (float value : shift.shift) any |= value != 0;
  }
  if (!any) return l->define_activated(node.out[0], item, node.at.activation);
  item.value = -1;
  shift.in.push(l->net.add(item));
  return l->define_activated(node.out[0], shift, node.at.activation);
}

}  // namespace bvit
