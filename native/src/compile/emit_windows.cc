// What reads the rows around a row: taps, and patches for products.
#include "base/math.h"
#include "compile/emitter.h"

namespace bvit {

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
  add_chain(chain);
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

}  // namespace bvit
