#include "base/math.h"
#include "compile/emitter.h"

namespace bvit {
namespace {

bool same(const Geometry& a, const Geometry& b) {
  return a.in_h == b.in_h && a.in_w == b.in_w && a.out_h == b.out_h && a.out_w == b.out_w &&
         a.kernel_h == b.kernel_h && a.kernel_w == b.kernel_w && a.stride_h == b.stride_h &&
         a.stride_w == b.stride_w && a.dilation_h == b.dilation_h && a.dilation_w == b.dilation_w &&
         a.pad_top == b.pad_top && a.pad_left == b.pad_left && a.repeat_h == b.repeat_h &&
         a.repeat_w == b.repeat_w && a.reverse_h == b.reverse_h && a.reverse_w == b.reverse_w;
}

}  // namespace

const int32_t* PlanState::taps_table(const Geometry& g, int32_t rows, int32_t ld) {
  for (const Table& t : tables)
    if (t.rows == rows && t.ld == ld && same(t.geometry, g)) return t.data;
  const int32_t padded = static_cast<int32_t>(round_up(rows, kRows)), taps = g.taps();
  int32_t* data = constants->take_array<int32_t>(static_cast<size_t>(padded) * taps);
  if (data == nullptr) return nullptr;
  for (int32_t row = 0; row < padded; row++)
    for (int32_t t = 0; t < taps; t++) {
      const int64_t source = row < rows ? g.source(row, t) : -1;
      data[static_cast<int64_t>(row) * taps + t] = source < 0 ? -1 : static_cast<int32_t>(source * ld);
    }
  Table table = {g, rows, ld, data};
  tables.push(table);
  return data;
}

uint8_t PlanState::external(int32_t value) {
  size_t i = 0;
  while (i < plan->externals.size() && plan->externals[i] != value) i++;
  if (i == plan->externals.size()) plan->externals.push(value);
  if (kExternal + i > 255) failure = "more than 252 tensors come from outside";
  return static_cast<uint8_t>(kExternal + i);
}

bool PlanState::leaves_region(int32_t item) const {
  if (net.items[item].exported) return true;
  for (int32_t user : users[item])
    if (region_of[user] != region_of[item]) return true;
  return false;
}

Operand PlanState::constant_map(const Item& x, int32_t rows) {
  const int32_t ld = 32 * blocks_of(x.channels);
  Operand out;
  out.space = kConstant;
  out.map = true;
  out.ld = ld;
  float* data = constants->take_array<float>(round_up(x.rows, kRows) * ld);
  int32_t* table = nullptr;
  if (data == nullptr) return out;
  for (int32_t r = 0; r < x.rows; r++)
    memcpy(data + static_cast<int64_t>(r) * ld, x.constant + static_cast<int64_t>(r) * x.channels, 4 * x.channels);
  if (x.rows != rows) {
    const int32_t padded = static_cast<int32_t>(round_up(rows, kRows));
    table = constants->take_array<int32_t>(padded);
    for (int32_t r = 0; table && r < padded; r++) table[r] = r % x.rows * ld;
  }
  out.offset = static_cast<int64_t>(reinterpret_cast<uintptr_t>(data));
  out.rows = table;
  return out;
}

}  // namespace bvit
