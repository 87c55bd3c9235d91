#include "compile/lowering.h"

namespace bvit {
namespace {

constexpr float kSmallest = 1.17549435e-38f, kLargest = 3.40282347e38f;  // that is neither denormal nor infinite

// max(x, c) or min(x, c), with one number for all channels.
bool limit(Lowering* l, Item item, const Vec<float>& c, bool lowest) {
  for (float number : c)
    if (number != c[0]) return false;
  item.kind = ItemKind::kClamp;
  item.low = lowest ? c[0] : -__builtin_inff();
  item.high = lowest ? __builtin_inff() : c[0];
  l->define(item.value, item);
  return true;
}

// x + c, x - c, c - x, x * c, x / c, the larger or smaller one, with a number per channel.
bool with_constant(Lowering* l, const Node& node, int32_t x, int32_t constant, bool x_first) {
  Item item = l->map_item(ItemKind::kAffine, node.out[0], x);
  Vec<float> c;
  if (!l->per_channel(constant, item.channels, &c)) return false;
  if (l->net.items[x].rows != item.rows || l->net.items[x].channels != item.channels) return false;
  switch (node.op) {
    case Op::kAdd: item.shift = c; break;
    case Op::kMul: item.scale = c; break;
    case Op::kSub:
      item.shift = c;
      if (x_first) {
        for (float& value : item.shift) value = -value;
      } else {
        item.scale.resize(item.channels, -1.0f);
      }
      break;
    case Op::kDiv:
      if (!x_first) return false;
      for (float value : c) {
        const float factor = 1 / value, size = factor < 0 ? -factor : factor;
        if (!(size >= kSmallest && size <= kLargest)) return false;
        item.scale.push(factor);
      }
      break;
    case Op::kMaximum:
    case Op::kMinimum: return limit(l, item, c, node.op == Op::kMaximum);
    default: return false;
  }
  return l->define_activated(node.out[0], item, node.at.activation);
}

// Whether a shape that broadcasts is the end of `to`: its rows repeat. A 1 before channels is none of it,
// as the runtime may make more of it in `to` than there are now.
bool is_end_of(const Shape& shape, const Shape& to) {
  bool inside = true;  // of the end
  for (int32_t i = 1; i <= shape.rank; i++) {
    const int32_t size = shape.dim[shape.rank - i];
    inside &= size == to.dim[to.rank - i] && (i == 1 || size > 1);
    if (!inside && size != 1) return false;
  }
  return true;
}

// A map as one of the output's shape, constants as they are where their rows repeat. -1: none.
int32_t operand(Lowering* l, int32_t value, const Shape& out) {
  const Shape& shape = l->graph.values[value].shape;
  const int32_t x = l->item_of(value);
  if (x < 0 || l->net.items[x].bits) return -1;
  if (l->net.items[x].constant)
    return is_end_of(shape, out) && shape.channels() == out.channels() ? x : -1;
  if (shape.elements() == out.elements() && shape.channels() == out.channels()) return x;
  View view = l->view_of(value);
  return view.broadcast(shape, out) ? l->view_item(view, out.rows(), out.channels()) : -1;
}

// Two maps, of equal shape or broadcast.
bool with_map(Lowering* l, const Node& node) {
  const ItemKind kind = node.op == Op::kAdd   ? ItemKind::kAdd
                        : node.op == Op::kSub ? ItemKind::kSubtract
                        : node.op == Op::kMul ? ItemKind::kMultiply
                        : node.op == Op::kMaximum ? ItemKind::kMaximum
                        : node.op == Op::kMinimum ? ItemKind::kMinimum
                                                  : ItemKind::kInput;
  if (kind == ItemKind::kInput) return false;
  Item item = l->map_item(kind, node.out[0], -1);
  const Shape& out = l->graph.out(node).shape;
  int32_t x = operand(l, node.in[0], out), y = operand(l, node.in[1], out);
  if (x < 0 || y < 0) return false;
  if (l->net.items[x].constant) {
    if (kind == ItemKind::kSubtract) return false;
    const int32_t swap = x;
    x = y, y = swap;
  }
  if (l->net.items[x].constant) return false;
  item.in.push(x);
  item.in.push(y);
  return l->define_activated(node.out[0], item, node.at.activation);
}

bool binary(Lowering* l, const Node& node) {
  for (int i = 0; i < 2; i++) {
    if (!l->is_constant(node.in[1 - i])) continue;
    const int32_t x = l->item_of(node.in[i]);
    if (x < 0 || l->net.items[x].bits) return false;
    if (with_constant(l, node, x, node.in[1 - i], i == 0)) return true;
  }
  return with_map(l, node);
}

bool add_n(Lowering* l, const Node& node) {
  Item sum = l->map_item(ItemKind::kAdd, node.out[0], -1);
  Vec<int32_t> terms;
  for (int32_t v : node.in) {
    const int32_t x = l->item_of(v);
    if (x < 0 || l->net.items[x].bits || l->net.items[x].rows != sum.rows ||
        l->net.items[x].channels != sum.channels || l->net.items[x].constant)
      return false;
    terms.push(x);
  }
  if (terms.size() < 2) return false;
  int32_t total = terms[0];
  for (size_t i = 1; i < terms.size(); i++) {
    Item item = sum;
    item.in.push(total);
    item.in.push(terms[i]);
    if (i + 1 == terms.size()) {
      l->define(node.out[0], item);
    } else {
      item.value = -1;
      total = l->net.add(item);
    }
  }
  return true;
}

bool prelu(Lowering* l, const Node& node, int32_t x) {
  Item item = l->map_item(ItemKind::kPrelu, node.out[0], x);
  if (node.op == Op::kLeakyRelu) {
    item.scale.resize(item.channels, node.at.number);
  } else if (node.op == Op::kAbs) {
    item.scale.resize(item.channels, -1.0f);
  } else if (!l->per_channel(node.in[1], item.channels, &item.scale)) {
    return false;
  }
  l->define(node.out[0], item);
  return true;
}

bool negative(Lowering* l, const Node& node, int32_t x) {
  Item item = l->map_item(ItemKind::kAffine, node.out[0], x);
  item.scale.resize(item.channels, -1.0f);
  l->define(node.out[0], item);
  return true;
}

bool clamp(Lowering* l, const Node& node, int32_t x) {
  Item item = l->map_item(ItemKind::kClamp, node.out[0], x);
  const bool to_1 = node.op == Op::kReluN1To1 || node.op == Op::kRelu0To1;
  item.low = node.op == Op::kReluN1To1 ? -1.0f : 0.0f;
  item.high = node.op == Op::kRelu6 ? 6.0f : to_1 ? 1.0f : __builtin_inff();
  l->define(node.out[0], item);
  return true;
}

bool function(Lowering* l, const Node& node, int32_t x, Function f) {
  Item item = l->map_item(ItemKind::kFunction, node.out[0], x);
  item.function = f;
  l->define(node.out[0], item);
  return true;
}

}  // namespace

bool lower_elementwise(Lowering* l, const Node& node) {
  if (l->graph.out(node).type != Type::kFloat32) return false;
  switch (node.op) {
    case Op::kAddN: return add_n(l, node);
    case Op::kAdd:
    case Op::kSub:
    case Op::kMul:
    case Op::kDiv:
    case Op::kMaximum:
    case Op::kMinimum: return binary(l, node);
    default: break;
  }
  const int32_t x = l->float_map(node.in[0]);
  if (x < 0) return false;
  switch (node.op) {
    case Op::kPrelu:
    case Op::kLeakyRelu:
    case Op::kAbs: return prelu(l, node, x);
    case Op::kNeg: return negative(l, node, x);
    case Op::kLogistic: return function(l, node, x, Function::kLogistic);
    case Op::kTanh: return function(l, node, x, Function::kTanh);
    case Op::kHardSwish: return function(l, node, x, Function::kHardSwish);
    default: return clamp(l, node, x);
  }
}

}  // namespace bvit
