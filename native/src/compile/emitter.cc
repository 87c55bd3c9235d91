// Order of items, chains and memory of a region; what single items need is in emit_items.cc.
#include "compile/emitter.h"

#include "base/math.h"
#include "kernels/tile/frequent.h"

namespace bvit {

Emitter::Emitter(PlanState* state, int32_t region)
    : s_(*state), region_(region), rows_(state->regions[region].rows),
      items_(state->regions[region].items), done_(state->net.items.size(), 0),
      spots_(state->net.items.size()) {}

bool Emitter::run(PlannedRegion* out, const PlanOptions& options) {
  out_ = out;
  out->rows = rows_;
  emit_all();
  if (s_.failure || s_.constants->failed()) return false;
  finish(out, options);
  return !s_.failure && !s_.constants->failed();
}

// --- order ---

bool Emitter::is_ready(int32_t i) const {
  for (int32_t source : item(i).in)
    if (s_.region_of[source] == region_ && !done_[source]) return false;
  return true;
}

namespace {

// Whether its rows can be read as rows of what it is made of.
bool maps_rows(const Item& x) { return x.kind == ItemKind::kRowMap || x.row_map; }

}  // namespace

bool Emitter::is_deferred(int32_t i) const {
  const Item& x = item(i);
  if (x.exported || s_.users[i].size() != 1) return false;
  const int32_t user = s_.users[i][0];
  const Item& to = item(user);
  if (s_.region_of[user] == region_ && to.kind == ItemKind::kTile && x.addend) return true;
  const bool takes = to.kind == ItemKind::kAdd || (to.kind == ItemKind::kMultiply && maps_rows(x));
  if (s_.region_of[user] != region_ || !takes || to.in[0] == to.in[1]) return false;
  if (!can_wait(i)) return false;
  const int32_t other = to.in[0] == i ? to.in[1] : to.in[0];
  return !can_wait(other) || other > i;  // one of the two stays in registers
}

// Whether one operation can read the item from what it is made of.
bool Emitter::can_wait(int32_t i) const {
  const Item& x = item(i);
  if (x.kind == ItemKind::kAffine)
    return x.addend && !is_deferred(x.in[0]) && place_scale(x.in[0]) == 1;
  return (x.kind == ItemKind::kTaps && !x.border_scales) || maps_rows(x);
}

int32_t Emitter::priority(int32_t i) const {
  const Item& x = item(i);
  if (is_deferred(i)) return 0;
  switch (x.kind) {
    case ItemKind::kSign:
    case ItemKind::kGroupMean:
    case ItemKind::kTile: return 0;
    case ItemKind::kTaps:
    case ItemKind::kRowMap:
    case ItemKind::kView:
    case ItemKind::kMaxTaps: return 4;
    case ItemKind::kBinaryProduct:
    case ItemKind::kFloatProduct:
    case ItemKind::kAttention: return 5;
    case ItemKind::kConcat: return 3;
    default: break;
  }
  for (int32_t source : x.in)
    if (in_registers(source)) return 1;
  return 2;
}

void Emitter::emit_all() {
  for (size_t left = items_.size(); left > 0 && !s_.failure; left--) {
    int32_t best = -1, lowest = 100;
    for (int32_t i : items_) {
      if (done_[i] || !is_ready(i)) continue;
      const int32_t p = priority(i);
      if (p < lowest) best = i, lowest = p;
    }
    if (best < 0) return fail("items of a region wait for each other");
    emit(best);
    done_[best] = 1;
  }
}

void Emitter::emit(int32_t i) {
  if (is_deferred(i)) return;
  switch (item(i).kind) {
    case ItemKind::kSign: return emit_sign(i);
    case ItemKind::kAffine:
    case ItemKind::kPrelu:
    case ItemKind::kClamp:
    case ItemKind::kFunction: emit_unary(i); break;
    case ItemKind::kAdd:
    case ItemKind::kSubtract:
    case ItemKind::kMultiply:
    case ItemKind::kMaximum:
    case ItemKind::kMinimum: emit_pair(i); break;
    case ItemKind::kTile: emit_tile(i); break;
    case ItemKind::kConcat: emit_concat(i); break;
    case ItemKind::kGroupMean: emit_group_mean(i); break;
    case ItemKind::kTaps:
    case ItemKind::kMaxTaps: emit_taps(i); break;
    case ItemKind::kRowMap: emit_row_map(i); break;
    case ItemKind::kView: emit_view(i); break;
    case ItemKind::kBinaryProduct: emit_binary_product(i); break;
    case ItemKind::kFloatProduct: emit_float_product(i); break;
    case ItemKind::kAttention: emit_attention(i); break;
    default: return fail("an item that no chain can hold");
  }
  if (s_.leaves_region(i)) ensure_stored(i);
}

// --- chains ---

int32_t Emitter::new_chain(int32_t blocks) {
  Draft draft;
  draft.chain.blocks = blocks;
  drafts_.push(draft);
  return static_cast<int32_t>(drafts_.size()) - 1;
}

// Whether a chain can take `more` operations, and then still a store of each result.
bool Emitter::has_room(int32_t chain, int32_t more) const {
  int32_t room = kMaxOps - more;
  for (const TileOp& op : drafts_[chain].ops) {
    if (op.kind != OpKind::kStore) room--;
    if (op.kind != OpKind::kSign && op.kind != OpKind::kGroupAdd) room--;  // its store
  }
  return room >= 0;
}

bool Emitter::in_registers(int32_t i) const {
  const int32_t chain = spots_[i].chain;
  return chain >= 0 && drafts_[chain].tail == i && has_room(chain, 4);  // two, and their stores
}

int32_t Emitter::append(int32_t chain, const TileOp& op, int32_t i) {
  Draft& draft = drafts_[chain];
  touch(op.x, chain);
  draft.ops.push(op);
  draft.tail = i;
  if (draft.ops.size() > kMaxOps) fail("a chain of too many operations");
  if (i >= 0) {
    spots_[i].chain = chain;
    spots_[i].position = static_cast<int32_t>(draft.ops.size()) - 1;
  }
  return chain;
}

// Reads z where it is the item, without changing it.
void Emitter::insert_side(int32_t i, const TileOp& op) {
  const int32_t chain = spots_[i].chain, after = spots_[i].position;
  Vec<TileOp>& ops = drafts_[chain].ops;
  touch(op.x, chain);
  ops.push(op);
  for (size_t k = ops.size() - 1; static_cast<int32_t>(k) > after + 1; k--) {
    ops[k] = ops[k - 1];
  }
  ops[after + 1] = op;
  if (ops.size() > kMaxOps) fail("a chain of too many operations");
  for (Spot& other : spots_)
    if (other.chain == chain && other.position > after) other.position++;
}

int32_t Emitter::load_chain(int32_t i) {
  TileOp load(OpKind::kLoad);
  load.x = ensure_stored(i);
  const int32_t chain = new_chain(blocks_of(item(i).channels));
  append(chain, load, i);
  if (place(i).scale != 1) {
    TileOp scale(OpKind::kScale);
    scale.p0 = params(Vec<float>(), item(i).channels, place(i).scale);
    append(chain, scale, i);
  }
  return chain;
}

// --- memory ---

void Emitter::touch(const Operand& x, int32_t chain) {
  // until `finish`, an operand's offset in arena or scratch is the number of its buffer
  if (x.space == kScratch) scratch_.use(static_cast<int32_t>(x.offset), chain);
  if (x.space == kArena) s_.arena.use(static_cast<int32_t>(x.offset), region_);
}

Operand Emitter::scratch(int32_t ld) {
  Operand x;
  x.space = kScratch;
  x.ld = ld;
  x.offset = scratch_.add(static_cast<int64_t>(kRows) * ld * 4, static_cast<int32_t>(drafts_.size()));
  return x;
}

Operand Emitter::new_buffer(bool bits, int32_t channels, bool leaves) {
  int32_t ld = bits ? blocks_of(channels) : 32 * blocks_of(channels);
  if (!bits && ld % 128 == 0) ld += 16;  // rows a power of two apart share cache sets
  if (!leaves) return scratch(ld);
  Operand x;
  x.space = kArena;
  x.map = true;
  x.ld = ld;
  const int64_t rows = static_cast<int64_t>(round_up(rows_, kRows));
  x.offset = s_.arena.add(rows * ld * 4, region_);
  return x;
}

Operand Emitter::ensure_stored(int32_t i) {
  Place& p = place(i);
  if (p.stored) return p.where;
  const Item& x = item(i);
  if (x.kind == ItemKind::kConstantMap) {
    return s_.constant_map(x, rows_);
  }
  if (spots_[i].chain < 0) {
    fail("an item is stored before it is there");
    return Operand();
  }
  if (s_.orders.of_item[i] >= 0 && s_.leaves_region(i)) fail("channels in another order leave their region");
  TileOp store(OpKind::kStore);
  store.x = new_buffer(false, x.channels, s_.leaves_region(i));
  insert_side(i, store);
  p.stored = true;
  p.ready = spots_[i].chain;
  p.where = store.x;
  return p.where;
}

// A stored item whose rows are all of its channels, for those that take no other form.
Operand Emitter::ensure_plain(int32_t i) {
  const Operand where = ensure_stored(i);
  if (where.first == 0 && where.period == 0 && place(i).scale == 1) return where;
  load_chain(i);
  place(i).stored = false;
  place(i).scale = 1;
  return ensure_stored(i);
}

// --- the end ---

namespace {

// Product, addend and PReLU, the unit that binary transformers are made of, as one operation.
void fuse_unit(Vec<TileOp>* ops) {
  if (ops->size() < 3 || (*ops)[0].kind != OpKind::kBinaryProduct || (*ops)[2].kind != OpKind::kPrelu) return;
  const TileOp &add = (*ops)[1], &prelu = (*ops)[2];
  if ((add.kind != OpKind::kAdd && add.kind != OpKind::kAddScaled) || add.x.rows) return;
  TileOp unit = (*ops)[0];
  unit.kind = OpKind::kUnit;
  unit.w = add.x;
  unit.p2 = add.kind == OpKind::kAddScaled ? add.p0 : nullptr;
  unit.p3 = prelu.p0;
  Vec<TileOp> fused;
  fused.push(unit);
  for (size_t k = 3; k < ops->size(); k++) fused.push((*ops)[k]);
  ops->swap(fused);
}

// A scale before an addition is one operation with it.
void fuse_scale_add(Vec<TileOp>* ops) {
  Vec<TileOp> fused;
  for (const TileOp& op : *ops) {
    const bool joins = op.kind == OpKind::kAdd && !op.x.rows && !fused.empty() && fused.back().kind == OpKind::kScale;
    if (!joins) {
      fused.push(op);
      continue;
    }
    TileOp both = op;
    both.kind = OpKind::kScaleAdd;
    both.p0 = fused.back().p0;
    fused.back() = both;
  }
  ops->swap(fused);
}

void settle(Operand* x, const MemoryPlan& scratch) {
  if (x->space == kScratch) x->offset = scratch.offset(static_cast<int32_t>(x->offset));
}

}  // namespace

void Emitter::finish(PlannedRegion* out, const PlanOptions& options) {
  int64_t bytes = scratch_.place();
  const int32_t tiles = static_cast<int32_t>(ceil_div(rows_, kRows));
  const int64_t fits = bytes ? options.strip_bytes / bytes : tiles;
  out->strip_tiles = static_cast<int32_t>(clamp<int64_t>(fits, 1, min<int64_t>(ceil_div(tiles, options.threads), 8)));
  scratch_.scale(out->strip_tiles);
  out->scratch_bytes = scratch_.place();
  for (Draft& draft : drafts_) {
    fuse_unit(&draft.ops);
    fuse_scale_add(&draft.ops);
    Chain chain = draft.chain;
    chain.op_count = static_cast<int32_t>(draft.ops.size());
    TileOp* ops = s_.constants->take_array<TileOp>(draft.ops.size());
    if (ops == nullptr) return;
    for (size_t k = 0; k < draft.ops.size(); k++) {
      ops[k] = draft.ops[k];
      settle(&ops[k].x, scratch_);
      settle(&ops[k].w, scratch_);
      settle(&ops[k].ones, scratch_);
    }
    chain.ops = ops;
    if (chain.kind == ChainKind::kTile) chain.frequent = find_frequent(ops, chain.op_count);
    settle(&chain.x, scratch_);
    settle(&chain.y, scratch_);
    settle(&chain.ones, scratch_);
    settle(&chain.keys, scratch_);
    out->chains.push(chain);
  }
}

}  // namespace bvit
