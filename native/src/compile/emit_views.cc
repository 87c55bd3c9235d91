// Maps whose rows are those of another map in another order, or whose numbers are.
#include "base/math.h"
#include "compile/emitter.h"

namespace bvit {

namespace {

int32_t common_divisor(int32_t a, int32_t b) { return b == 0 ? a : common_divisor(b, a % b); }

// The longest run of numbers side by side that all of them can be divided into.
int32_t common_run(const int32_t* index, int32_t count) {
  int32_t common = count;
  for (int32_t c = 1, run = 1; c <= count; c++, run++) {
    if (c < count && index[c] == index[c - 1] + 1) continue;
    common = common_divisor(common, run);
    run = 0;
  }
  return common;
}

}  // namespace

// Element offsets of a view's rows; rows behind the map read its first.
const int32_t* Emitter::rows_of_view(const Item& x, int32_t ld) {
  const Item& from = item(x.in[0]);
  if (static_cast<int64_t>(from.rows) * ld > INT32_MAX) {
    fail("a map is beyond 2^31 numbers, its padding included");
    return nullptr;
  }
  int32_t* rows = s_.constants->take_array<int32_t>(round_up(rows_, kRows));
  for (int32_t r = 0; rows && r < static_cast<int32_t>(round_up(rows_, kRows)); r++) {
    const int32_t position = x.view_rows[r < rows_ ? r : 0];
    rows[r] = position / from.channels * ld + position % from.channels;
  }
  return rows;
}

// An operand that reads a map of rows from what it is made of.
Operand Emitter::mapped_rows(int32_t i) {
  const Item& x = item(i);
  Operand where = ensure_stored(x.in[0]);
  where.rows = x.kind == ItemKind::kView ? rows_of_view(x, where.ld) : s_.row_table(x.geometry, rows_, where.ld);
  return where;
}

void Emitter::emit_row_map(int32_t i) {
  TileOp load(OpKind::kLoad);
  load.x = mapped_rows(i);
  append(new_chain(blocks_of(item(i).channels)), load, i);
}

void Emitter::emit_view(int32_t i) {
  const Item& x = item(i);
  if (x.row_map) return emit_row_map(i);
  Chain chain;
  chain.kind = ChainKind::kGather;
  chain.y = ensure_plain(x.in[0]);
  chain.y.rows = rows_of_view(x, chain.y.ld);
  chain.length = x.channels;
  int32_t* index = s_.constants->take_array<int32_t>(x.channels);
  if (index == nullptr || chain.y.rows == nullptr) return;
  const int32_t channels = item(x.in[0]).channels;
  for (int32_t c = 0; c < x.channels; c++)
    index[c] = x.view_channels[c] / channels * chain.y.ld + x.view_channels[c] % channels;
  chain.index = index;
  chain.count = common_run(index, x.channels);
  chain.x = new_buffer(false, x.channels, s_.leaves_region(i));
  Place& p = place(i);
  p.ready = add_chain(chain);
  p.where = chain.x;
  p.stored = true;
}

}  // namespace bvit
