#include "compile/lowering.h"
#include "base/math.h"
#include "base/memory.h"
#include "graph/types.h"
#include "kernels/tile/tile.h"

namespace bvit {

Lowering::Lowering(const Graph& graph, Net* net) : graph(graph), net(*net) {
  items_.resize(graph.values.size(), -1);
  producers_.resize(graph.values.size(), -1);
  consumers_.resize(graph.values.size());
  for (size_t n = 0; n < graph.nodes.size(); n++) {
    for (int32_t v : graph.nodes[n].in)
      if (v >= 0) consumers_[v].push(static_cast<int32_t>(n));
    for (int32_t v : graph.nodes[n].out) producers_[v] = static_cast<int32_t>(n);
  }
  views_ = find_views(graph);
  net->graph = &graph;
}

const float* Lowering::floats(int32_t value) const {
  if (value < 0) return nullptr;
  const Value& v = graph.values[value];
  if (v.type != Type::kFloat32) return nullptr;
  return static_cast<const float*>(v.data);
}

bool Lowering::per_channel(int32_t value, int32_t channels, Vec<float>* out) const {
  const float* data = floats(value);
  if (data == nullptr) return false;
  const Shape& shape = graph.values[value].shape;
  const int64_t n = shape.elements();
  if (n != 1 && (n != channels || shape.channels() != channels)) return false;
  out->clear();
  for (int32_t c = 0; c < channels; c++) out->push(data[n == 1 ? 0 : c]);
  return true;
}

Item Lowering::map_item(ItemKind kind, int32_t value, int32_t in) const {
  Item item;
  item.kind = kind;
  if (in >= 0) item.in.push(in);
  item.rows = static_cast<int32_t>(graph.values[value].shape.rows());
  item.channels = graph.values[value].shape.channels();
  item.value = value;
  return item;
}

namespace {

constexpr int64_t kMostNumbers = 1 << 29;  // of a map with its padding: beyond any model
const char kNoSize[] = "a map is empty or beyond 2^29 numbers, its padding included";

int64_t channels_of(const Value& v) {
  return int64_t{v.shape.channels()} * (v.type == Type::kInt32 ? 32 : 1);
}

bool fits(const Value& v) {
  if (v.shape.elements() == 0 || channels_of(v) > kMostNumbers) return false;
  return v.shape.rows() <= kMostNumbers / static_cast<int64_t>(round_up(channels_of(v), 32));
}

}  // namespace

int32_t Lowering::item_of(int32_t value) {
  if (value < 0) return -1;
  if (items_[value] >= 0) return items_[value];
  const Value& v = graph.values[value];
  const bool bits = v.type == Type::kInt32;  // the only use of int32 that reaches here
  if ((v.type != Type::kFloat32 && !bits) || (v.data && bits)) return -1;
  if (v.shape.rank == 0) return -1;
  if (!fits(v)) {
    refuse(kNoSize);
    return -1;
  }
  const float* constant = floats(value);
  Item item = map_item(constant ? ItemKind::kConstantMap : ItemKind::kInput, value, -1);
  item.bits = bits;
  if (bits) item.channels *= 32;
  item.constant = constant;
  return items_[value] = net.add(item);
}

int32_t Lowering::raw_item_of(int32_t value) {
  if (items_[value] >= 0) return items_[value];
  const Value& v = graph.values[value];
  if (v.data || size_of(v.type) != 1 || v.shape.elements() == 0) return -1;
  Item item;
  item.rows = item.channels = 1;
  item.value = value;
  item.raw_bytes = static_cast<int64_t>(bytes_of(v.type, v.shape));
  return items_[value] = net.add(item);
}

void Lowering::define(int32_t value, const Item& item) {
  items_[value] = net.add(item);
}

bool Lowering::define_activated(int32_t value, const Item& item, int32_t activation) {
  if (activation == kNone) {
    define(value, item);
    return true;
  }
  Item clamp = map_item(ItemKind::kClamp, value, -1);
  clamp.low = activation == kActReluN1To1 ? -1.0f : 0.0f;
  clamp.high = activation == kActRelu6 ? 6.0f : activation == kActReluN1To1 ? 1.0f : __builtin_inff();
  if (activation != kActRelu && activation != kActRelu6 && activation != kActReluN1To1) return false;
  clamp.in.push(net.add(item));
  define(value, clamp);
  return true;
}

bool Lowering::lower_node(const Node& node) {
  limit_ = nullptr;
  for (int32_t v : node.out) {
    const int64_t channels = channels_of(graph.values[v]);
    if (!fits(graph.values[v])) return refuse(kNoSize);
    if (channels > channel_room_) return refuse("all maps together have more than 2^26 channels");
    channel_room_ -= channels;
  }
  switch (node.op) {
    case Op::kLceQuantize:
    case Op::kLceBconv2d:
      if (lower_binary_product(this, node)) return true;
      return lower_whole(this, node);
    case Op::kLceDequantize:
    case Op::kLceBMaxPool2d: return lower_whole(this, node);
    case Op::kConv2d: return lower_convolution(this, node);
    case Op::kDepthwiseConv2d: return lower_depthwise(this, node);
    case Op::kFullyConnected: return lower_fully_connected(this, node);
    case Op::kAdd:
    case Op::kSub:
    case Op::kMul:
    case Op::kDiv:
    case Op::kMaximum:
    case Op::kMinimum:
    case Op::kAddN:
    case Op::kPrelu:
    case Op::kLeakyRelu:
    case Op::kAbs:
    case Op::kNeg:
    case Op::kRelu:
    case Op::kRelu6:
    case Op::kReluN1To1:
    case Op::kRelu0To1:
    case Op::kLogistic:
    case Op::kTanh:
    case Op::kHardSwish: return lower_elementwise(this, node);
    case Op::kAveragePool2d:
    case Op::kMaxPool2d: return lower_pool(this, node);
    case Op::kMean:
    case Op::kSum:
    case Op::kReduceMax: return lower_reduction(this, node);
    case Op::kPad: return lower_pad(this, node);
    case Op::kReverseV2:
    case Op::kResizeNearestNeighbor: return lower_row_map(this, node);
    case Op::kConcatenation: return lower_concat(this, node);
    default: return is_layout(node.op) && lower_layout(this, node);
  }
}

bool Lowering::take_view_room(int64_t positions) {
  if (positions > view_room_) return refuse("rows and channels of all views together are more than 2^24");
  view_room_ -= positions;
  return true;
}

bool Lowering::take_border_room(int64_t numbers) {
  if (numbers > border_room_) return refuse("windows that reach over borders need more than 2^26 numbers");
  border_room_ -= numbers;
  return true;
}

// Rows `position(image, row)` of an item, `rows` of each image.
template <class Position>
static Item rows_of_images(const Net& net, int32_t x, int32_t images, int32_t rows, Position position) {
  Item item;
  item.kind = ItemKind::kView;
  item.in.push(x);
  item.rows = images * rows;
  item.channels = net.items[x].channels;
  item.row_map = true;
  for (int32_t c = 0; c < item.channels; c++) item.view_channels.push(c);
  for (int32_t image = 0; image < images; image++)
    for (int32_t row = 0; row < rows; row++) item.view_rows.push(position(image, row) * item.channels);
  return item;
}

bool Lowering::lower_attention(const AttentionMatch& m) {
  const int32_t sources[3] = {float_map(m.q), float_map(m.k), float_map(m.v)};
  const Vec<float>* thresholds[3] = {&m.q_threshold, &m.k_threshold, &m.v_threshold};
  Item attention = map_item(ItemKind::kAttention, m.out, -1);
  const int32_t rows = attention.rows / m.images;
  const int32_t tiled = static_cast<int32_t>(round_up(rows, kRows));  // each image begins with a tile
  const bool aligned = m.images == 1 || rows == tiled;
  if (sources[0] < 0 || sources[1] < 0 || sources[2] < 0) return false;
  if (!aligned) {
    const int64_t all = static_cast<int64_t>(m.images) * tiled;
    if (all * attention.channels > INT32_MAX || !take_view_room(all)) return false;
  }
  for (int i = 0; i < 3; i++) {
    Item sign;
    sign.kind = ItemKind::kSign;
    sign.in.push(sources[i]);
    if (i == 0 && !aligned)
      sign.in[0] = net.add(rows_of_images(net, sources[0], m.images, tiled, [&](int32_t image, int32_t row) {
        return image * rows + min(row, rows - 1);
      }));
    sign.rows = net.items[sign.in[0]].rows;
    sign.channels = net.items[sources[i]].channels;
    sign.bits = true;
    sign.scale = *thresholds[i];
    attention.in.push(net.add(sign));
  }
  attention.heads = m.heads;
  attention.images = m.images;
  attention.threshold = m.threshold;
  const int32_t bits = attention.channels / m.heads;
  // exp(scale * (bits - 2 * distance)) over the largest of them, by products of one factor
  const double factor = exponential(-2.0 * __builtin_fabs(m.scale));
  double weight = 1;
  attention.exponentials.resize(bits + 1);
  for (int32_t d = 0; d <= bits; d++, weight *= factor)
    attention.exponentials[m.scale < 0 ? bits - d : d] = static_cast<float>(weight);
  attention.scale.resize(attention.channels, m.magnitude);
  if (aligned) {
    define(m.out, attention);
    return true;
  }
  attention.value = -1;
  attention.rows = net.items[attention.in[0]].rows;
  Item out = rows_of_images(net, net.add(attention), m.images, rows,
                            [&](int32_t image, int32_t row) { return image * tiled + row; });
  out.value = m.out;
  define(m.out, out);
  return true;
}

void Lowering::run(Vec<uint8_t>* taken) {
  taken->clear();
  taken->resize(graph.nodes.size(), 0);
  net.limits.resize(graph.nodes.size(), nullptr);
  Vec<AttentionMatch> matches;
  match_attention(*this, &matches);
  Vec<int32_t> match_of(graph.nodes.size(), -1);
  for (size_t m = 0; m < matches.size(); m++)
    for (int32_t n : matches[m].nodes) match_of[n] = static_cast<int32_t>(m);
  for (size_t n = 0; n < graph.nodes.size(); n++) {
    const int32_t m = match_of[n];
    if (m < 0) {
      (*taken)[n] = lower_node(graph.nodes[n]);
      if (!(*taken)[n]) net.limits[n] = limit_;
    } else if (static_cast<int32_t>(n) == matches[m].nodes.back() && lower_attention(matches[m])) {
      for (int32_t part : matches[m].nodes) (*taken)[part] = 1;
    }
  }
  for (size_t v = 0; v < graph.values.size(); v++)
    if (graph.values[v].output && items_[v] >= 0) {
      net.items[items_[v]].exported = true;
      net.items[items_[v]].value = static_cast<int32_t>(v);
    }
}

void lower(const Graph& graph, Net* net, Vec<uint8_t>* taken) { Lowering(graph, net).run(taken); }

}  // namespace bvit
