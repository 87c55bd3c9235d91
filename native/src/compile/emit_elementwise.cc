// Signs, and what works number by number, of one map or of two.
#include "compile/emitter.h"

namespace bvit {

void Emitter::emit_sign(int32_t i) {
  const Item& x = item(i);
  const int32_t source = x.in[0];
  TileOp op(OpKind::kSign);
  op.p0 = params(x.scale, x.channels, 0, -__builtin_inff(), order(i));
  if (spot(source).chain < 0 || !has_room(spot(source).chain, 1)) load_chain(source);
  op.x = new_buffer(true, x.channels, s_.leaves_region(i));
  insert_side(source, op);
  Place& p = place(i);
  p.stored = true;
  p.where = op.x;
  p.ready = spot(source).chain;
}

TileOp Emitter::unary_op(const Item& x, Order order) {
  TileOp op(OpKind::kAffine);
  if (x.kind == ItemKind::kClamp) {
    op.kind = OpKind::kClamp;
    op.low = x.low, op.high = x.high;
  } else if (x.kind == ItemKind::kFunction) {
    op.kind = OpKind::kFunction;
    op.function = x.function;
  } else if (x.kind == ItemKind::kPrelu) {
    op.kind = OpKind::kPrelu;
    op.p0 = params(x.scale, x.channels, 1, 0, order);
  } else {
    if (!x.scale.empty()) op.p0 = params(x.scale, x.channels, 1, 0, order);
    if (!x.shift.empty()) op.p1 = params(x.shift, x.channels, 0, 0, order);
    if (x.shift.empty()) op.kind = OpKind::kScale;
    if (x.scale.empty()) op.kind = OpKind::kShift;
    if (x.scale.empty() && x.shift.empty()) op.p1 = params(x.shift, x.channels, 0);
  }
  return op;
}

void Emitter::emit_unary(int32_t i) {
  const int32_t source = item(i).in[0];
  const int32_t chain = in_registers(source) ? spot(source).chain : load_chain(source);
  append(chain, unary_op(item(i), order(i)), i);
}

// Of the inputs in registers the one whose chain runs last; -1 where there is none.
int32_t Emitter::main_input(const Item& x) const {
  int32_t best = -1;
  for (int32_t k = 0; k < 2; k++) {
    const int32_t source = x.in[k];
    if (!in_registers(source) || (k == 1 && x.kind == ItemKind::kSubtract)) continue;
    if (best < 0 || spot(source).chain > spot(x.in[best]).chain) best = k;
  }
  return best;
}

namespace {

OpKind pair_kind(ItemKind kind) {
  switch (kind) {
    case ItemKind::kAdd: return OpKind::kAdd;
    case ItemKind::kSubtract: return OpKind::kSubtract;
    case ItemKind::kMaximum: return OpKind::kMaximum;
    case ItemKind::kMinimum: return OpKind::kMinimum;
    default: return OpKind::kMultiply;
  }
}

// Whether the operation can take a factor that its operand still owes.
bool takes_scale(OpKind kind) { return kind == OpKind::kAdd || kind == OpKind::kSubtract; }

}  // namespace

// The operation that brings item `i` into a chain; false where it is not there before the chain.
bool Emitter::pair_operand(int32_t i, OpKind kind, int32_t chain, TileOp* op) {
  const Item& x = item(i);
  op->kind = kind;
  if (is_deferred(i)) {
    if (x.kind == ItemKind::kTaps) {
      *op = taps_op(i);
      return true;
    }
    if (x.kind == ItemKind::kAffine) {
      op->kind = OpKind::kAddScaled;
      op->x = ensure_stored(x.in[0]);
      op->p0 = params(x.scale, x.channels, 1, 0, order(i));
      return ready(x.in[0]) <= chain;
    }
    op->x = mapped_rows(i);
    return true;
  }
  op->x = takes_scale(kind) ? ensure_stored(i) : ensure_plain(i);
  if (place(i).scale != 1) {
    op->kind = OpKind::kAddScaled;
    op->p0 = params(Vec<float>(), x.channels, kind == OpKind::kSubtract ? -place(i).scale : place(i).scale);
  }
  return ready(i) <= chain;
}

void Emitter::emit_pair(int32_t i) {
  const Item& x = item(i);
  const OpKind kind = pair_kind(x.kind);
  int32_t main = main_input(x);
  TileOp op;
  if (main >= 0 && pair_operand(x.in[1 - main], kind, spot(x.in[main]).chain, &op)) {
    const int32_t chain = append(spot(x.in[main]).chain, op, i);
    if (is_deferred(x.in[1 - main])) append_border(chain, x.in[1 - main], i);
    return;
  }
  // none goes on: load the one that is not read where it is used, then the other
  main = is_deferred(x.in[0]) ? 1 : 0;
  const int32_t other = x.in[1 - main];
  if (!is_deferred(other)) takes_scale(kind) ? ensure_stored(other) : ensure_plain(other);
  const int32_t chain = load_chain(x.in[main]);
  if (!pair_operand(other, kind, chain, &op)) return fail("an operand comes too late");
  append(chain, op, i);
  if (is_deferred(other)) append_border(chain, other, i);
}

}  // namespace bvit
