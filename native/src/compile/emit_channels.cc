// Channels that are repeated, put side by side, or averaged.
#include "base/math.h"
#include "compile/emitter.h"
#include "compile/sort.h"

namespace bvit {

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
  p.ready = add_chain(chain);
  p.where = chain.x;
  if (period < blocks) p.where.period = period;
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
    if (spot(hidden).chain < 0 || !can_sum(spot(hidden).chain)) load_chain(hidden);
    TileOp op(OpKind::kGroupAdd);
    op.x = scratch(32 * blocks_of(x.channels) + 16);
    op.group = x.count / 2;
    insert_side(hidden, op);
    p.where = op.x;
    p.stored = true;
    p.ready = spot(hidden).chain;
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
  p.ready = add_chain(chain);
  p.where = chain.x;
  p.stored = true;
}

namespace {

// Whether some number stands there several times.
bool repeats(Vec<int32_t> numbers) {
  stable_sort(&numbers, [](int32_t a, int32_t b) { return a < b; });
  for (size_t k = 1; k < numbers.size(); k++)
    if (numbers[k] == numbers[k - 1]) return true;
  return false;
}

}  // namespace

void Emitter::emit_concat(int32_t i) {
  const Item& x = item(i);
  bool narrow = repeats(x.in);  // a part has one place
  for (int32_t part : x.in) narrow |= item(part).channels % kBlock != 0;
  if (narrow) return emit_narrow_concat(i);
  Operand all = new_buffer(false, x.channels, s_.leaves_region(i));
  Place& p = place(i);
  p.where = all;
  for (int32_t part : x.in) {
    TileOp store(OpKind::kStore);
    store.x = all;
    const bool here = spot(part).chain >= 0 && !place(part).stored;
    if (!here) load_chain(part);
    insert_side(part, store);
    p.ready = max(p.ready, spot(part).chain);
    if (here) {
      place(part).stored = true;
      place(part).where = all;
      place(part).ready = spot(part).chain;
    }
    all.first += item(part).channels / 32;
  }
  p.stored = true;
}

// Parts that do not fill blocks, or come several times: each is copied to its place.
void Emitter::emit_narrow_concat(int32_t i) {
  const Item& x = item(i);
  int32_t* index = s_.constants->take_array<int32_t>(x.channels);
  for (int32_t c = 0; index && c < x.channels; c++) index[c] = c;
  Chain chain;
  chain.kind = ChainKind::kGather;
  chain.index = index;
  chain.x = new_buffer(false, x.channels, s_.leaves_region(i));
  for (int32_t part : x.in) {
    chain.y = ensure_plain(part);
    chain.length = chain.count = item(part).channels;
    place(i).ready = add_chain(chain);
    chain.column += chain.length;
  }
  place(i).where = chain.x;
  place(i).stored = true;
}

}  // namespace bvit
