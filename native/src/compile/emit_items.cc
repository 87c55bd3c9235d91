// What single items become in a region's chains.
#include "base/math.h"
#include "compile/emitter.h"

namespace bvit {

void Emitter::emit_sign(int32_t i) {
  const Item& x = item(i);
  const int32_t source = x.in[0];
  TileOp op(OpKind::kSign);
  op.p0 = params(x.scale, x.channels, 0, -__builtin_inff(), order(i));
  if (spots_[source].chain < 0 || !has_room(spots_[source].chain, 1)) load_chain(source);
  op.x = new_buffer(true, x.channels, s_.leaves_region(i));
  insert_side(source, op);
  Place& p = place(i);
  p.stored = true;
  p.where = op.x;
  p.ready = spots_[source].chain;
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
  const int32_t chain = in_registers(source) ? spots_[source].chain : load_chain(source);
  append(chain, unary_op(item(i), order(i)), i);
}

// Of the inputs in registers the one whose chain runs last; -1 where there is none.
int32_t Emitter::main_input(const Item& x) const {
  int32_t best = -1;
  for (int32_t k = 0; k < 2; k++) {
    const int32_t source = x.in[k];
    if (!in_registers(source) || (k == 1 && x.kind == ItemKind::kSubtract)) continue;
    if (best < 0 || spots_[source].chain > spots_[x.in[best]].chain) best = k;
  }
  return best;
}

namespace {

bool is_symmetric(const TileOp& op, int32_t blocks) {
  for (int32_t block = 0; block < blocks; block++)
    for (int32_t t = 0; t < op.count / 2; t++) {
      const float* weights = op.p0 + static_cast<int64_t>(block) * op.count * kBlock;
      if (memcmp(weights + t * kBlock, weights + (op.count - 1 - t) * kBlock, 4 * kBlock)) return false;
    }
  return op.count % 2 == 1;
}

}  // namespace

TileOp Emitter::taps_op(int32_t i) {
  const Item& x = item(i);
  TileOp op(x.kind == ItemKind::kMaxTaps ? OpKind::kMaxTaps : OpKind::kTaps);
  op.x = ensure_stored(x.in[0]);
  const PlanState::Table table = s_.taps_table(x.geometry, rows_, op.x.ld);
  op.taps = table.data;
  op.starts = table.starts;
  op.step = (x.geometry.reverse_w ? -1 : 1) * x.geometry.stride_w * op.x.ld;
  op.count = x.geometry.taps();
  op.p0 = pack_taps(x, s_.constants);
  op.symmetric = op.p0 && is_symmetric(op, blocks_of(x.channels));
  op.line = table.line;
  if (op.symmetric && op.line && op.kind == OpKind::kTaps) op.kind = OpKind::kLine;
  return op;
}

// Adds to each row what the taps that it misses stand for, or makes a mean of those that it has.
void Emitter::append_border(int32_t chain, int32_t i, int32_t result) {
  const Item& x = item(i);
  if (x.border.empty()) return;
  Item table;
  table.channels = x.channels;
  table.rows = static_cast<int32_t>(x.border.size()) / x.channels;
  table.constant = x.border.data();
  TileOp border(x.border_scales ? OpKind::kMultiply : OpKind::kAdd);
  border.x = s_.constant_map(table, table.rows);
  const int32_t image = static_cast<int32_t>(x.border_pattern.size()), padded = static_cast<int32_t>(round_up(rows_, kRows));
  int32_t* rows = s_.constants->take_array<int32_t>(padded);
  if (rows == nullptr) return;
  for (int32_t r = 0; r < rows_; r++) rows[r] = x.border_pattern[r % image] * border.x.ld;
  border.x.rows = rows;
  append(chain, border, result);
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
  if (main >= 0 && pair_operand(x.in[1 - main], kind, spots_[x.in[main]].chain, &op)) {
    const int32_t chain = append(spots_[x.in[main]].chain, op, i);
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

void Emitter::emit_tile(int32_t i) {
  const Item& x = item(i);
  const bool scaled = is_deferred(x.in[0]);
  const int32_t source = scaled ? item(x.in[0]).in[0] : x.in[0], channels = item(source).channels;
  Place& p = place(i);
  const Operand y = ensure_plain(source);
  p.stored = true;
  p.ready = ready(source);
  if (!order(i) && !scaled && channels % 32 == 0) {
    p.where = y;
    p.where.period = channels / 32;
    if (!s_.leaves_region(i)) return;
    load_chain(i);  // to be stored as all of its channels
    p.stored = false;
    return;
  }
  const int32_t blocks = blocks_of(x.channels);
  int32_t* index = s_.constants->take_array<int32_t>(static_cast<size_t>(blocks) * 32);
  if (index == nullptr) return;
  for (int32_t at = 0; at < x.channels; at++) index[at] = (order(i) ? (*order(i))[at] : at) % channels;
  float* scale = scaled ? s_.constants->take_array<float>(static_cast<size_t>(blocks) * 32) : nullptr;
  if (scaled && scale == nullptr) return;
  for (int32_t at = 0; scaled && at < x.channels; at++) scale[at] = item(x.in[0]).scale[index[at]];
  const bool leaves = s_.leaves_region(i);
  int32_t period = leaves ? blocks : 1;  // blocks after which the list repeats
  while (period < blocks && (blocks % period || memcmp(index, index + 32 * period, 4 * 32 * static_cast<size_t>(blocks - period)))) period++;
  Chain chain;
  chain.kind = ChainKind::kPermute;
  chain.y = y;
  chain.index = index;
  chain.scale = scale;
  chain.length = 32 * period;
  chain.x = leaves ? new_buffer(false, x.channels, true) : scratch(32 * period + 16);
  const int32_t number = new_chain(0);
  drafts_[number].chain = chain;
  touch(chain.y, number);
  touch(chain.x, number);
  p.where = chain.x;
  if (period < blocks) p.where.period = period;
  p.ready = number;
}

// Whether a chain can take sums over groups: it has registers for one.
bool Emitter::can_sum(int32_t chain) const {
  for (const TileOp& op : drafts_[chain].ops)
    if (op.kind == OpKind::kGroupAdd) return false;
  return has_room(chain, 1);
}

void Emitter::emit_group_mean(int32_t i) {
  const Item& x = item(i);
  const int32_t hidden = x.in[0];
  Place& p = place(i);
  if (s_.orders.of_item[hidden] >= 0) {
    if (spots_[hidden].chain < 0 || !can_sum(spots_[hidden].chain)) load_chain(hidden);
    TileOp op(OpKind::kGroupAdd);
    op.x = scratch(32 * blocks_of(x.channels) + 16);
    op.group = x.count / 2;
    insert_side(hidden, op);
    p.where = op.x;
    p.stored = true;
    p.ready = spots_[hidden].chain;
    p.scale = 1.0f / static_cast<float>(x.count);
    if (!s_.leaves_region(i)) return;
    load_chain(i);  // sums would leave; their means do
    p.stored = false;
    p.scale = 1;
    return;
  }
  Chain chain;
  chain.kind = ChainKind::kGroupMean;
  chain.y = ensure_plain(hidden);
  chain.x = new_buffer(false, x.channels, s_.leaves_region(i));
  chain.count = x.count;
  chain.length = x.channels;
  const int32_t number = new_chain(0);
  drafts_[number].chain = chain;
  touch(chain.y, number);
  touch(chain.x, number);
  p.where = chain.x;
  p.stored = true;
  p.ready = number;
}

void Emitter::emit_concat(int32_t i) {
  const Item& x = item(i);
  for (size_t a = 0; a < x.in.size(); a++) {
    bool again = false;  // a part has one place
    for (size_t b = 0; b < a; b++) again |= x.in[a] == x.in[b];
    if (again || item(x.in[a]).channels % kBlock) return emit_narrow_concat(i);
  }
  Operand all = new_buffer(false, x.channels, s_.leaves_region(i));
  Place& p = place(i);
  p.where = all;
  for (int32_t part : x.in) {
    TileOp store(OpKind::kStore);
    store.x = all;
    const bool here = spots_[part].chain >= 0 && !place(part).stored;
    if (!here) load_chain(part);
    insert_side(part, store);
    p.ready = max(p.ready, spots_[part].chain);
    if (here) {
      place(part).stored = true;
      place(part).where = all;
      place(part).ready = spots_[part].chain;
    }
    all.first += item(part).channels / 32;
  }
  p.stored = true;
}

void Emitter::emit_taps(int32_t i) {
  const int32_t chain = new_chain(blocks_of(item(i).channels));
  TileOp zero(OpKind::kZero);
  zero.p1 = params(Vec<float>(), item(i).channels, item(i).kind == ItemKind::kMaxTaps ? -__builtin_inff() : 0);
  append(chain, zero, -1);
  append(chain, taps_op(i), i);
  append_border(chain, i, i);
}

// Rows of what a kernel covers, side by side in scratch. `length` elements per tap.
Operand Emitter::patches(int32_t i, int32_t length) {
  const Item& x = item(i);
  Chain chain;
  chain.kind = ChainKind::kPatchWords;
  chain.y = ensure_stored(x.in[0]);
  chain.index = s_.taps_table(x.geometry, rows_, chain.y.ld).data;
  chain.count = x.geometry.taps();
  chain.length = length;
  return add_patches(chain);
}

Operand Emitter::add_patches(Chain chain) {
  chain.x = scratch(chain.count * chain.length);
  const int32_t number = new_chain(0);
  drafts_[number].chain = chain;
  touch(chain.y, number);
  touch(chain.x, number);
  return chain.x;
}

// Where the pixels of a kernel's row lie side by side, as in a map without padding of its channels, they
// are read in place, each kernel row as one segment. Tiles at the border read copies.
void Emitter::read_segments(int32_t i, const Operand& map, TileOp* op) {
  const Geometry& g = item(i).geometry;
  const int32_t inputs = item(item(i).in[0]).channels, tiles = static_cast<int32_t>(ceil_div(rows_, kRows));
  const int32_t* natural = s_.taps_table(g, rows_, map.ld).data;
  const int64_t taps = g.taps();
  int32_t* index = s_.constants->take_array<int32_t>(static_cast<size_t>(tiles) * kRows * taps);
  int32_t* starts = s_.constants->take_array<int32_t>(static_cast<size_t>(tiles) * g.kernel_h);
  if (!natural || !index || !starts) return;
  op->step = (g.reverse_w ? -1 : 1) * g.stride_w * inputs;
  for (int32_t tile = 0; tile < tiles; tile++) {
    bool regular = true;
    for (int64_t r = 0; r < kRows; r++)
      for (int64_t t = 0; t < taps; t++) {
        const int64_t at = (tile * kRows + r) * taps, row = t / g.kernel_w, column = t % g.kernel_w;
        const int32_t offset = natural[at + row * g.kernel_w + (g.reverse_w ? g.kernel_w - 1 - column : column)];
        index[at + t] = offset;
        int32_t& start = starts[tile * g.kernel_h + row];
        if (r == 0 && column == 0) start = offset;
        regular &= offset >= 0 && offset == start + r * op->step + column * inputs;
      }
    if (!regular) starts[tile * g.kernel_h] = kIrregular;
  }
  Chain chain;
  chain.kind = ChainKind::kPatchWords;
  chain.y = map;
  chain.index = index;
  chain.count = static_cast<int32_t>(taps);
  chain.length = inputs;
  chain.starts = op->starts = starts;
  chain.segments = op->segments = g.kernel_h;
  op->x = add_patches(chain);
  op->w = map;
}

namespace {

// The smallest float that is not below x.
float not_below(double x) {
  float y = static_cast<float>(x);
  if (static_cast<double>(y) >= x) return y;
  uint32_t bits;
  memcpy(&bits, &y, sizeof(bits));
  bits += y < 0 ? -1 : 1;
  memcpy(&y, &bits, sizeof(bits));
  return y;
}

// Where some whole number of bits gives 0 but for rounding (half of them, where there is no bias),
// op by op it is 0, and the sign of 0 is +. A shift that is rounded up keeps that sign.
Vec<float> keep_signs_of_zero(const Vec<float>& scale, Vec<float> shift) {
  constexpr double kMostBits = 1 << 28, kRounding = 1.0 / (1 << 22);
  for (size_t c = 0; c < shift.size() && !scale.empty(); c++) {
    if (scale[c] == 0 || !(__builtin_fabsf(shift[c]) < 1e30f)) continue;
    const double bits = -static_cast<double>(shift[c]) / scale[c];
    if (!(bits > 0 && bits < kMostBits)) continue;
    const double whole = static_cast<int32_t>(bits + 0.5);
    if (__builtin_fabs(bits - whole) > bits * kRounding) continue;
    shift[c] = not_below(-whole * scale[c]);
  }
  return shift;
}

}  // namespace

void Emitter::emit_binary_product(int32_t i) {
  const Item& x = item(i);
  const int32_t source = x.in[0], words = blocks_of(item(source).channels);
  const bool pointwise = x.geometry.is_pointwise();
  TileOp op(OpKind::kBinaryProduct);
  op.x = pointwise ? place(source).where : patches(i, words);
  op.k = x.geometry.taps() * words;
  op.weights = pack_binary(x, words, order(i), pointwise ? order(source) : nullptr, s_.constants);
  op.p0 = params(x.scale, x.channels, 1, 0, order(i));
  op.p1 = params(keep_signs_of_zero(x.scale, x.shift), x.channels, 0, 0, order(i));
  const int32_t chain = append(new_chain(blocks_of(x.channels)), op, i);
  append_border(chain, i, i);
}

void Emitter::emit_float_product(int32_t i) {
  const Item& x = item(i);
  const int32_t inputs = item(x.in[0]).channels;
  TileOp op(OpKind::kFloatProduct);
  const Operand map = ensure_plain(x.in[0]);
  if (x.geometry.is_pointwise()) {
    op.x = map;
  } else if (map.ld == inputs && x.geometry.dilation_w == 1) {
    read_segments(i, map, &op);
  } else {
    op.x = patches(i, inputs);
  }
  op.k = x.geometry.taps() * inputs;
  op.weights = pack_float(x, inputs, op.segments > 0, order(i), s_.constants);
  op.p1 = params(x.shift, x.channels, 0, 0, order(i));
  const int32_t chain = append(new_chain(blocks_of(x.channels)), op, i);
  touch(op.w, chain);
}

void Emitter::emit_attention(int32_t i) {
  const Item& x = item(i);
  const int32_t keys = item(x.in[1]).rows / x.images, words = blocks_of(x.channels);
  const int32_t padded = static_cast<int32_t>(round_up(keys, 32));
  const int32_t image_tiles = x.images > 1 ? x.rows / x.images / kRows : 0;
  Chain scores;
  scores.kind = ChainKind::kScores;
  scores.heads = x.heads;
  scores.head_words = words / x.heads;
  scores.image_tiles = image_tiles;
  scores.key_count = keys;
  scores.padded_keys = padded;
  scores.mask_words = padded / 32;
  scores.exponentials = params(x.exponentials, static_cast<int32_t>(x.exponentials.size()), 0);
  scores.threshold = x.threshold;
  scores.y = place(x.in[0]).where;
  Operand turned[2];
  for (int side = 0; side < 2; side++) {
    Transpose t;
    t.values = side == 1;
    t.from = place(x.in[1 + side]).where;
    t.images = x.images, t.rows = keys, t.words = words, t.padded = padded;
    t.to.space = kArena;
    t.to.ld = t.values ? 32 * words : padded;
    t.to.offset = s_.arena.add(4LL * words * padded * x.images, region_);
    turned[side] = t.to;
    s_.arena.use(static_cast<int32_t>(t.from.offset), region_);
    out_->transposes.push(t);
  }
  scores.keys = turned[0];
  const int32_t number = new_chain(0);
  scores.x = scratch(x.heads * scores.mask_words);
  scores.ones = scratch(x.heads);
  drafts_[number].chain = scores;
  touch(scores.y, number), touch(scores.x, number), touch(scores.ones, number);
  TileOp op(OpKind::kContext);
  op.x = scores.x, op.w = turned[1], op.ones = scores.ones;
  op.k = scores.mask_words;
  op.head_blocks = scores.head_words;
  op.image_tiles = image_tiles;
  op.p0 = params(x.scale, x.channels, 1);
  op.p1 = params(x.shift, x.channels, 0);
  const int32_t chain = append(new_chain(words), op, i);
  touch(op.ones, chain);
}

}  // namespace bvit
