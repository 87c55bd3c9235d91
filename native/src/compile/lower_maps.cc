#include "base/math.h"
#include "compile/lowering.h"
#include "graph/types.h"
#include "kernels/kernels.h"

namespace bvit {
namespace {

// A factor for each set of taps that is inside of the map.
bool add_factors(Lowering* l, Item* taps) {
  const int32_t all = taps->geometry.taps();
  if (all > 64 || !l->take_border_room(taps->geometry.windows())) return false;
  const MissingTaps missing = find_missing_taps(taps->geometry);
  if (!l->take_border_room(static_cast<int64_t>(missing.sets.size()) * taps->channels)) return false;
  for (uint64_t set : missing.sets) {
    const int32_t inside = all - __builtin_popcountll(set);
    if (inside == 0) return false;
    for (int32_t c = 0; c < taps->channels; c++) taps->border.push(1.0f / static_cast<float>(inside));
  }
  taps->border_pattern = missing.of_row;
  taps->border_scales = true;
  return true;
}

// Sums of `count` numbers each become means: one factor, or where windows reach outside, one per row.
bool define_mean(Lowering* l, const Node& node, Item taps, int32_t count) {
  if (taps.geometry.reaches_outside())
    return add_factors(l, &taps) && l->define_activated(node.out[0], taps, node.at.activation);
  Item scale = l->map_item(ItemKind::kAffine, node.out[0], -1);
  scale.scale.resize(scale.channels, 1.0f / static_cast<float>(count));
  taps.value = -1;
  scale.in.push(l->net.add(taps));
  return l->define_activated(node.out[0], scale, node.at.activation);
}

// Mean over the last axis of (..., C, G), which a reshape made of (..., C * G).
bool group_mean(Lowering* l, const Node& node) {
  const int32_t reshape = l->producer(node.in[0]);
  if (reshape < 0 || l->graph.nodes[reshape].op != Op::kReshape) return false;
  const int32_t x = l->float_map(l->graph.nodes[reshape].in[0]);
  const Shape& parts = l->graph.in(node, 0).shape;
  if (x < 0 || parts.rank < 2) return false;
  const int32_t groups = parts.dim[parts.rank - 2], count = parts.dim[parts.rank - 1];
  if (static_cast<int64_t>(groups) * count != l->net.items[x].channels) return false;
  Item item = l->map_item(ItemKind::kGroupMean, node.out[0], x);
  item.rows = l->net.items[x].rows;
  item.channels = groups;
  item.count = count;
  const Shape& out = l->graph.out(node).shape;  // without the axis: else channels are rows
  if (out.channels() != groups || out.rows() != item.rows) return false;
  l->define(node.out[0], item);
  return true;
}

constexpr int32_t kMostPlaces = 1 << 16;  // that are reduced in one go

// Of each image as a line: windows side by side, about as many as there are places in each.
Item in_parts(Item item, int32_t images, int32_t places) {
  int32_t window = 1;
  while (int64_t{window} * window < places) window *= 2;
  Geometry* g = &item.geometry;
  g->in_h = g->kernel_h = 1;
  g->in_w = places;
  g->kernel_w = g->stride_w = window;
  g->out_w = static_cast<int32_t>(ceil_div(places, window));
  item.rows = images * g->out_w;
  item.value = -1;
  return item;
}

bool reverse(Lowering* l, const Node& node, Item* item) {
  const Shape& shape = l->graph.out(node).shape;
  if (shape.rank != 4) return false;
  Geometry* g = &item->geometry;
  g->in_h = g->out_h = shape.dim[1], g->in_w = g->out_w = shape.dim[2];
  for (int32_t axis : node.at.axes) {
    if (axis != 1 && axis != 2) return false;
    (axis == 1 ? g->reverse_h : g->reverse_w) = true;
  }
  return true;
}

// The pixels of a side that TFLite, which multiplies by a rounded factor, reads.
Vec<int32_t> nearest_pixels(int32_t in, int32_t out, const Attributes& at) {
  const bool corners = at.align_corners && out > 1;
  const float scale = static_cast<float>(in - corners) / static_cast<float>(out - corners);
  const float offset = at.half_pixel_centers ? 0.5f : 0.0f;
  Vec<int32_t> pixels;
  for (int32_t o = 0; o < out; o++) {
    const float place = (static_cast<float>(o) + offset) * scale;
    const int32_t whole = static_cast<int32_t>(place);
    const bool up = at.align_corners && place - static_cast<float>(whole) >= 0.5f;
    pixels.push(min(whole + up, in - 1));
  }
  return pixels;
}

bool repeats_each(const Vec<int32_t>& pixels, int32_t in) {
  const int32_t out = static_cast<int32_t>(pixels.size());
  if (out % in) return false;
  for (int32_t o = 0; o < out; o++)
    if (pixels[o] != o / (out / in)) return false;
  return true;
}

// Whole multiples repeat rows and columns; else each row is told where it reads.
bool resize(Lowering* l, const Node& node, Item* item) {
  const Shape &in = l->graph.in(node, 0).shape, &out = l->graph.out(node).shape;
  if (in.rank != 4 || out.rank != 4 || in.dim[0] != out.dim[0]) return false;
  const Vec<int32_t> down = nearest_pixels(in.dim[1], out.dim[1], node.at);
  const Vec<int32_t> right = nearest_pixels(in.dim[2], out.dim[2], node.at);
  if (repeats_each(down, in.dim[1]) && repeats_each(right, in.dim[2])) {
    item->geometry.in_h = in.dim[1], item->geometry.in_w = in.dim[2];
    item->geometry.out_h = out.dim[1], item->geometry.out_w = out.dim[2];
    item->geometry.repeat_h = out.dim[1] / in.dim[1];
    item->geometry.repeat_w = out.dim[2] / in.dim[2];
    return true;
  }
  if (!l->take_view_room(item->rows + int64_t{item->channels})) return false;
  item->kind = ItemKind::kView;
  item->row_map = true;
  for (int32_t c = 0; c < item->channels; c++) item->view_channels.push(c);
  for (int32_t image = 0; image < in.dim[0]; image++)
    for (int32_t y : down)
      for (int32_t x : right) item->view_rows.push(((image * in.dim[1] + y) * in.dim[2] + x) * item->channels);
  return true;
}

}  // namespace

bool lower_pool(Lowering* l, const Node& node) {
  const int32_t x = l->float_map(node.in[0]);
  if (x < 0) return false;
  const bool mean = node.op == Op::kAveragePool2d;
  Item item = l->map_item(mean ? ItemKind::kTaps : ItemKind::kMaxTaps, node.out[0], x);
  if (!geometry_of(l, node, node.at.filter_h, node.at.filter_w, &item.geometry)) return false;
  const int32_t taps = item.geometry.taps();
  // also where they stay inside, which may be so at this size only
  if (mean && node.at.padding == kPaddingSame && taps > 64) return false;
  if (mean) return define_mean(l, node, item, taps);
  return l->define_activated(node.out[0], item, node.at.activation);
}

bool lower_reduction(Lowering* l, const Node& node) {
  const Shape& in = l->graph.in(node, 0).shape;
  const Vec<int32_t>& axes = node.at.axes;
  if (l->graph.out(node).type != Type::kFloat32) return false;
  if (node.op == Op::kMean && axes.size() == 1 && axes[0] == in.rank - 1) return group_mean(l, node);
  const int32_t x = l->float_map(node.in[0]);
  if (x < 0 || in.rank != 4 || axes.size() != 2 || axes[0] != 1 || axes[1] != 2) return false;
  const ItemKind kind = node.op == Op::kReduceMax ? ItemKind::kMaxTaps : ItemKind::kTaps;
  Item item = l->map_item(kind, node.out[0], x);
  item.geometry.in_h = item.geometry.kernel_h = in.dim[1];
  item.geometry.in_w = item.geometry.kernel_w = in.dim[2];
  const int32_t places = in.dim[1] * in.dim[2];
  if (places > kMostPlaces) {
    const Item parts = in_parts(item, in.dim[0], places);
    item.geometry.in_h = item.geometry.kernel_h = 1;
    item.geometry.in_w = item.geometry.kernel_w = parts.geometry.out_w;
    item.in[0] = l->net.add(parts);
  }
  if (node.op == Op::kMean) return define_mean(l, node, item, places);
  l->define(node.out[0], item);
  return true;
}

// Zeros around a map: sums over windows of one number, where outside of the map is 0.
bool lower_pad(Lowering* l, const Node& node) {
  const int32_t x = l->float_map(node.in[0]);
  const Shape &in = l->graph.in(node, 0).shape, &out = l->graph.out(node).shape;
  const Attributes& at = node.at;
  if (x < 0 || in.rank != 4 || at.number != 0) return false;
  if (in.dim[0] != out.dim[0] || in.dim[3] != out.dim[3]) return false;
  Item item = l->map_item(ItemKind::kTaps, node.out[0], x);
  item.geometry.in_h = in.dim[1], item.geometry.in_w = in.dim[2];
  item.geometry.out_h = out.dim[1], item.geometry.out_w = out.dim[2];
  item.geometry.pad_top = at.before[1], item.geometry.pad_left = at.before[2];
  l->define(node.out[0], item);
  return true;
}

bool lower_row_map(Lowering* l, const Node& node) {
  const int32_t x = l->float_map(node.in[0]);
  if (x < 0 || l->graph.out(node).type != Type::kFloat32) return false;
  Item item = l->map_item(ItemKind::kRowMap, node.out[0], x);
  const bool done = node.op == Op::kReverseV2 ? reverse(l, node, &item) : resize(l, node, &item);
  if (done) l->define(node.out[0], item);
  return done;
}

bool lower_concat(Lowering* l, const Node& node) {
  const Value& out = l->graph.out(node);
  if (out.type != Type::kFloat32 || node.at.axis != out.shape.rank - 1 || node.at.activation != kNone) return false;
  Item item = l->map_item(ItemKind::kConcat, node.out[0], -1);
  bool same = true;
  int64_t channels = 0;
  for (int32_t v : node.in) {
    const int32_t x = l->float_map(v);
    if (x < 0 || l->net.items[x].rows != item.rows) return false;
    item.in.push(x);
    same &= x == item.in[0];
    channels += l->net.items[x].channels;
  }
  if (channels != item.channels) return false;
  if (same) {
    item.kind = ItemKind::kTile;
    item.count = static_cast<int32_t>(item.in.size());
    item.in.resize(1);
  }
  l->define(node.out[0], item);
  return true;
}

bool lower_whole(Lowering* l, const Node& node) {
  const Value &from = l->graph.in(node, 0), &to = l->graph.out(node);
  const bool raw = from.type != Type::kFloat32 && from.type != Type::kInt32;
  const int32_t x = raw ? l->raw_item_of(node.in[0]) : l->item_of(node.in[0]);
  if (x < 0 || l->net.items[x].constant) return false;
  Item item = l->map_item(ItemKind::kWhole, node.out[0], x);
  item.node = static_cast<int32_t>(&node - l->graph.nodes.data());
  item.bits = to.type == Type::kInt32;
  if (item.bits) item.channels *= 32;
  if (!item.bits && to.type != Type::kFloat32) {
    item.raw_bytes = static_cast<int64_t>(bytes_of(to.type, to.shape));
    item.rows = item.channels = 1;
  }
  l->define(node.out[0], item);
  return true;
}

}  // namespace bvit
