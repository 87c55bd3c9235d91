// The order of a region's items. Of those whose inputs are there comes next what ends soonest: signs, means
// and other forms of what is in registers, then what goes on there, and products last.
#include "compile/emitter.h"

namespace bvit {
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

// Those that read an item in this region, each as often as it does.
template <class Visit>
void Emitter::each_reader(int32_t i, Visit visit) {
  const Vec<int32_t>& users = s_.users[i];
  int32_t& next = s_.turns[i].next_user;
  const int32_t end = static_cast<int32_t>(users.size());
  while (next < end && s_.region_of[users[next]] < region_) next++;
  for (int32_t k = next; k < end && s_.region_of[users[k]] == region_; k++) visit(users[k]);
}

// Where all its inputs are there; again where its priority is lower than it was.
void Emitter::queue(int32_t i) {
  Turn& turn = s_.turns[i];
  if (turn.waits_for > 0) return;
  const int32_t now = priority(i);
  if (now >= turn.queued) return;
  turn.queued = now;
  queue_.push(now, i);
}

void Emitter::emit_all() {
  for (int32_t i : items_) {
    for (int32_t source : item(i).in) s_.turns[i].waits_for += s_.region_of[source] == region_;
    queue(i);
  }
  size_t left = items_.size();
  while (!queue_.empty() && !s_.failure) {
    const Queue::Entry next = queue_.pop();
    const int32_t i = next.number;
    Turn& turn = s_.turns[i];
    if (next.priority != turn.queued) continue;  // it stood there a second time
    turn.queued = INT32_MAX;
    if (priority(i) > next.priority) {           // its input has left the registers since
      queue(i);
      continue;
    }
    emit(i);
    left--;
    turn.queued = INT32_MIN;                     // never again
    each_reader(i, [&](int32_t reader) {
      s_.turns[reader].waits_for--;
      queue(reader);
    });
    for (int32_t source : loaded_)
      if (in_registers(source)) each_reader(source, [&](int32_t reader) { queue(reader); });
    loaded_.clear();
  }
  if (left > 0) fail("items of a region wait for each other");
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

}  // namespace bvit
