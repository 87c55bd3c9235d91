// Chains and memory of a region.
#include "compile/emitter.h"

#include "base/math.h"

namespace bvit {

Emitter::Emitter(PlanState* state, int32_t region)
    : s_(*state), region_(region), rows_(state->regions[region].rows),
      items_(state->regions[region].items) {}

bool Emitter::run(PlannedRegion* out, const PlanOptions& options) {
  out_ = out;
  out->rows = rows_;
  emit_all();
  if (s_.failure || s_.constants->failed()) return false;
  finish(out, options);
  for (const Draft& draft : drafts_)
    for (int32_t i : draft.items) spot(i) = Spot();
  return !s_.failure && !s_.constants->failed();
}

// --- chains ---

int32_t Emitter::new_chain(int32_t blocks) {
  Draft draft;
  draft.chain.blocks = blocks;
  drafts_.push(draft);
  return static_cast<int32_t>(drafts_.size()) - 1;
}

// One that is no program of tile operations.
int32_t Emitter::add_chain(const Chain& chain) {
  const int32_t number = new_chain(0);
  drafts_[number].chain = chain;
  touch(chain.y, number);
  touch(chain.x, number);
  return number;
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
  const int32_t chain = spot(i).chain;
  return chain >= 0 && drafts_[chain].tail == i && has_room(chain, 4);  // two, and their stores
}

int32_t Emitter::append(int32_t chain, const TileOp& op, int32_t i) {
  Draft& draft = drafts_[chain];
  touch(op.x, chain);
  draft.ops.push(op);
  draft.tail = i;
  if (draft.ops.size() > kMaxOps) fail("a chain of too many operations");
  if (i >= 0) {
    if (spot(i).chain != chain) draft.items.push(i);
    spot(i) = {chain, static_cast<int32_t>(draft.ops.size()) - 1};
  }
  return chain;
}

// Reads z where it is the item, without changing it.
void Emitter::insert_side(int32_t i, const TileOp& op) {
  const int32_t chain = spot(i).chain, after = spot(i).position;
  Vec<TileOp>& ops = drafts_[chain].ops;
  touch(op.x, chain);
  ops.push(op);
  for (size_t k = ops.size() - 1; static_cast<int32_t>(k) > after + 1; k--) {
    ops[k] = ops[k - 1];
  }
  ops[after + 1] = op;
  if (ops.size() > kMaxOps) fail("a chain of too many operations");
  for (int32_t other : drafts_[chain].items)
    if (spot(other).chain == chain && spot(other).position > after) spot(other).position++;
}

int32_t Emitter::load_chain(int32_t i) {
  loaded_.push(i);
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
    if (p.rows != rows_) p.where = s_.constant_map(x, rows_), p.rows = rows_;
    return p.where;
  }
  if (spot(i).chain < 0) {
    fail("an item is stored before it is there");
    return Operand();
  }
  if (s_.orders.of_item[i] >= 0 && s_.leaves_region(i)) fail("channels in another order leave their region");
  TileOp store(OpKind::kStore);
  store.x = new_buffer(false, x.channels, s_.leaves_region(i));
  insert_side(i, store);
  p.stored = true;
  p.ready = spot(i).chain;
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

}  // namespace bvit
