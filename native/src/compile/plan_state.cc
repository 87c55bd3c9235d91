#include "base/math.h"
#include "compile/emitter.h"

namespace bvit {
namespace {

int32_t start_of(const int32_t* rows, int32_t taps, int32_t t, int32_t step) {
  bool regular = rows[t] >= 0, outside = rows[t] < 0;
  for (int32_t r = 1; r < kRows; r++) {
    const int32_t offset = rows[r * taps + t];
    regular &= offset >= 0 && offset - rows[t] == r * step;
    outside &= offset < 0;
  }
  return regular ? rows[t] : outside ? kAllOutside : kIrregular;
}

// What the rows of each tile read, if row r reads at tap t what row r + 1 reads at tap t - 1.
const int32_t* line_of(const int32_t* rows, int32_t taps, int32_t tiles, Constants* constants) {
  const int32_t reads = kRows + taps - 1;
  int32_t* line = constants->take_array<int32_t>(static_cast<size_t>(tiles) * reads);
  if (line == nullptr) return nullptr;
  for (int32_t tile = 0; tile < tiles; tile++)
    for (int32_t r = 0; r < kRows; r++)
      for (int32_t t = 0; t < taps; t++) {
        const int32_t offset = rows[(static_cast<int64_t>(tile) * kRows + r) * taps + t];
        int32_t& known = line[tile * reads + r + t];
        if (r == 0 || t == taps - 1) known = offset;
        if (known != offset) return nullptr;
      }
  return line;
}

uint64_t key_of(const Geometry& g, int32_t rows, int32_t ld) {
  const int32_t parts[] = {g.in_h, g.in_w, g.out_h, g.out_w, g.kernel_h, g.kernel_w, g.stride_h, g.stride_w,
                           g.dilation_h, g.dilation_w, g.pad_top, g.pad_left, rows, ld};
  uint64_t key = 0;
  for (int32_t part : parts) key = mix_key(key, static_cast<uint32_t>(part));
  return key;
}

}  // namespace

PlanState::PlanState(const Net& net, const Vec<Region>& regions, Constants* constants, Plan* plan)
    : net(net), regions(regions), constants(constants), plan(plan), places(net.items.size()),
      region_of(net.items.size(), -1), users(net.items.size()), turns(net.items.size()),
      spots(net.items.size()), table_numbers(net.items.size()),
      external_of(net.graph->values.size(), -1) {
  for (size_t r = 0; r < regions.size(); r++)
    for (int32_t i : regions[r].items) {
      region_of[i] = static_cast<int32_t>(r);
      for (int32_t source : net.items[i].in) users[source].push(i);
    }
  orders = find_group_orders(net, region_of, users);
}

void PlanState::check_offsets(const Geometry& g, int32_t rows, int32_t ld) {
  const int64_t images = rows / (static_cast<int64_t>(g.out_h) * g.out_w);
  if (images * g.in_h * g.in_w * ld > INT32_MAX) failure = "a map is beyond 2^31 numbers, its padding included";
}

PlanState::Table PlanState::taps_table(const Geometry& g, int32_t rows, int32_t ld) {
  check_offsets(g, rows, ld);
  const uint64_t key = key_of(g, rows, ld);
  const int32_t known = table_numbers.find(key, [&](int32_t number) {
    const Table& t = tables[number];
    return t.rows == rows && t.ld == ld && same_rows(t.geometry, g);
  });
  if (known >= 0) return tables[known];
  const int32_t padded = static_cast<int32_t>(round_up(rows, kRows)), taps = g.taps();
  int32_t* data = constants->take_array<int32_t>(static_cast<size_t>(padded) * taps);
  int32_t* starts = constants->take_array<int32_t>(static_cast<size_t>(padded / kRows) * taps);
  Table table = {g, rows, ld, data, starts, nullptr};
  if (data == nullptr || starts == nullptr) return table;
  for (int32_t row = 0; row < padded; row++)
    for (int32_t t = 0; t < taps; t++) {
      const int64_t source = row < rows ? g.source(row, t) : -1;
      data[static_cast<int64_t>(row) * taps + t] = source < 0 ? -1 : static_cast<int32_t>(source * ld);
    }
  const int32_t step = (g.reverse_w ? -1 : 1) * g.stride_w * ld;
  for (int32_t tile = 0; tile < padded / kRows; tile++)
    for (int32_t t = 0; t < taps; t++)
      starts[tile * taps + t] = start_of(data + static_cast<int64_t>(tile) * kRows * taps, taps, t, step);
  const bool in_a_row = g.kernel_h == 1 && (taps == 3 || taps == 5) && g.stride_w == 1;
  if (in_a_row) table.line = line_of(data, taps, padded / kRows, constants);
  table_numbers.add(key, static_cast<int32_t>(tables.size()));
  tables.push(table);
  return table;
}

const int32_t* PlanState::row_table(const Geometry& g, int32_t rows, int32_t ld) {
  check_offsets(g, rows, ld);
  int32_t* table = constants->take_array<int32_t>(round_up(rows, kRows));
  for (int32_t row = 0; !failure && table && row < rows; row++) table[row] = g.source(row, 0) * ld;
  return table;
}

uint16_t PlanState::external(int32_t value) {
  int32_t& number = external_of[value];
  if (number < 0) {
    number = static_cast<int32_t>(plan->externals.size());
    plan->externals.push(value);
  }
  if (kExternal + number > UINT16_MAX) failure = "more than 65532 tensors come from outside";
  return static_cast<uint16_t>(kExternal + number);
}

bool PlanState::leaves_region(int32_t item) const {
  if (net.items[item].exported) return true;
  return !users[item].empty() && region_of[users[item].back()] != region_of[item];
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
