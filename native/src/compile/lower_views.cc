// Operators that only say where numbers stand.
#include "base/math.h"
#include "base/memory.h"
#include "compile/lowering.h"
#include "kernels/kernels.h"

namespace bvit {

int32_t Lowering::float_map(int32_t value) {
  const int32_t x = item_of(value);
  return x < 0 || net.items[x].bits || net.items[x].constant || net.items[x].raw_bytes ? -1 : x;
}

View Lowering::view_of(int32_t value) const {
  if (views_[value].source >= 0) return views_[value];
  return View(value, graph.values[value].shape.elements());
}

namespace {

// Whether whole blocks of 32 channels of the input's rows hold the item's; what is behind them there
// does not matter.
bool is_row_map(const Item& item, int32_t channels) {
  for (int32_t c = 0; c < item.channels; c++)
    if (item.view_channels[c] != c) return false;
  for (int32_t position : item.view_rows) {
    const int32_t first = position % channels;
    if (first + item.channels > channels) return false;  // goes on in the next row
    if (first + round_up(item.channels, kBlock) > round_up(channels, kBlock)) return false;
  }
  return true;
}

// Copies positions, which fit 32 bits as all of a map; the largest one within a row of `channels`.
uint32_t keep_positions(const Vec<int64_t>& positions, uint32_t channels, Vec<int32_t>* kept) {
  const bool power = (channels & (channels - 1)) == 0;
  uint32_t most = 0;
  kept->resize(positions.size());
  for (size_t i = 0; i < positions.size(); i++) {
    const uint32_t position = static_cast<uint32_t>(positions[i]);
    (*kept)[i] = static_cast<int32_t>(position);
    most = max(most, power ? position & (channels - 1) : position % channels);
  }
  return most;
}

}  // namespace

int32_t Lowering::view_item(const View& view, int64_t rows, int64_t channels) {
  const int32_t x = float_map(view.source);
  if (x < 0) return -1;
  const uint32_t before = static_cast<uint32_t>(net.items[x].channels);
  const bool same = view.is_plain() && view.base == 0 && channels == net.items[x].channels && rows == net.items[x].rows;
  if (same) return x;
  Vec<int64_t> row, channel;
  if (!take_view_room(rows + channels) || !view.positions(rows, channels, &row, &channel)) return -1;
  Item item;
  item.kind = ItemKind::kView;
  item.in.push(x);
  item.rows = static_cast<int32_t>(rows), item.channels = static_cast<int32_t>(channels);
  const uint32_t most_of_row = keep_positions(row, before, &item.view_rows);
  const uint32_t most_of_channel = keep_positions(channel, before, &item.view_channels);
  if (most_of_row + most_of_channel >= before) return -1;
  item.row_map = is_row_map(item, net.items[x].channels);
  return net.add(item);
}

// Each output is a map of its own, if someone reads it as it is.
bool lower_layout(Lowering* l, const Node& node) {
  Vec<int32_t> items;
  const size_t known = l->net.items.size();
  for (int32_t v : node.out) {
    const Value& out = l->graph.values[v];
    const View view = l->view_of(v);
    if (out.type != Type::kFloat32 || out.shape.rank == 0 || view.source == v) return false;
    const int32_t x = l->view_item(view, out.shape.rows(), out.shape.channels());
    if (x < 0) return false;
    items.push(x);
  }
  for (size_t i = 0; i < node.out.size(); i++) {
    const int32_t v = node.out[i], x = items[i];
    const bool made = static_cast<size_t>(x) >= known && l->net.items[x].kind == ItemKind::kView;
    if (l->graph.values[v].output && !made) {  // a map of its own, that can be read outside
      l->define(v, l->map_item(ItemKind::kAffine, v, x));
    } else {
      l->alias(v, x);
    }
  }
  return true;
}

}  // namespace bvit
