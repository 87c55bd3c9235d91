#include "compile/lowering.h"

namespace bvit {
namespace {

// x + c, x - c, c - x, x * c, x / c with a number per channel.
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
        if (value == 0) return false;
        item.scale.push(1 / value);
      }
      break;
    default: return false;
  }
  return l->define_activated(node.out[0], item, node.at.activation);
}

// Two maps of equal shape, or one whose rows repeat (a constant position embedding).
bool with_map(Lowering* l, const Node& node, int32_t x, int32_t y) {
  const ItemKind kind = node.op == Op::kAdd   ? ItemKind::kAdd
                        : node.op == Op::kSub ? ItemKind::kSubtract
                        : node.op == Op::kMul ? ItemKind::kMultiply
                                              : ItemKind::kInput;
  if (kind == ItemKind::kInput) return false;
  Item item = l->map_item(kind, node.out[0], -1);
  if (l->net.items[x].kind == ItemKind::kConstantMap) {
    if (kind == ItemKind::kSubtract) return false;
    const int32_t swap = x;
    x = y, y = swap;
  }
  const Item &a = l->net.items[x], &b = l->net.items[y];
  if (a.bits || b.bits || a.channels != item.channels || b.channels != item.channels) return false;
  if (a.rows != item.rows || a.kind == ItemKind::kConstantMap) return false;
  const bool repeats = b.kind == ItemKind::kConstantMap && item.rows % b.rows == 0;
  if (b.rows != item.rows && !repeats) return false;
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
  const int32_t x = l->item_of(node.in[0]), y = l->item_of(node.in[1]);
  return x >= 0 && y >= 0 && with_map(l, node, x, y);
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
  if (!l->per_channel(node.in[1], item.channels, &item.scale)) return false;
  l->define(node.out[0], item);
  return true;
}

}  // namespace

bool lower_elementwise(Lowering* l, const Node& node) {
  if (l->graph.out(node).type != Type::kFloat32) return false;
  if (node.op == Op::kAddN) return add_n(l, node);
  if (node.op == Op::kAdd || node.op == Op::kSub || node.op == Op::kMul || node.op == Op::kDiv)
    return binary(l, node);
  const int32_t x = l->item_of(node.in[0]);
  if (x < 0 || l->net.items[x].bits || l->net.items[x].constant) return false;
  if (node.op == Op::kPrelu) return prelu(l, node, x);
  Item item = l->map_item(ItemKind::kClamp, node.out[0], x);
  item.low = node.op == Op::kReluN1To1 ? -1.0f : 0.0f;
  item.high = node.op == Op::kRelu6 ? 6.0f : node.op == Op::kReluN1To1 ? 1.0f : __builtin_inff();
  l->define(node.out[0], item);
  return true;
}

}  // namespace bvit
