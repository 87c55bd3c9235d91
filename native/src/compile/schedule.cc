// Which items share a region.
//
// An edge between regions is one along which rows of other tiles are read. The level of an item is
// the number of such edges before it at least; items wait until the last level at which someone needs
// them, so that what is read late is not written early.
#include "base/math.h"
#include "compile/net.h"
#include "compile/sort.h"

namespace bvit {
namespace {

// Whether the input is done in a region before.
int32_t step(const Net& net, const Item& to, int i) {
  return crosses_rows(to, i) || net.items[to.in[i]].kind == ItemKind::kWhole ? 1 : 0;
}

// Signs are taken where what they are of is in registers, and not later: bits are cheap to keep.
// So are sums of two maps that nothing else reads later: one map is kept instead of two.
void bring_forward(const Net& net, const Vec<uint8_t>& live, Vec<int32_t>* level) {
  Vec<int32_t> readers(net.items.size(), 0);
  for (size_t i = 0; i < net.items.size(); i++)
    if (live[i] && net.items[i].kind != ItemKind::kSign)
      for (int32_t source : net.items[i].in) readers[source]++;
  for (size_t i = 0; i < net.items.size(); i++) {
    if (!live[i]) continue;
    const Item& item = net.items[i];
    int32_t& own = (*level)[i];
    if (item.kind == ItemKind::kSign) {
      int32_t base = item.in[0];
      if (net.items[base].kind == ItemKind::kAffine) base = net.items[base].in[0];
      if (is_given(net.items[base]) || net.items[base].rows != item.rows) continue;
      own = min(own, (*level)[base] + (net.items[base].kind == ItemKind::kWhole));
      (*level)[item.in[0]] = min((*level)[item.in[0]], own);
    } else if (item.kind == ItemKind::kAdd) {
      const int32_t a = item.in[0], b = item.in[1];
      const bool mapped = is_given(net.items[a]) || is_given(net.items[b]);
      if (mapped || (*level)[a] != (*level)[b] || readers[a] != 1 || readers[b] != 1) continue;
      const ItemKind kind = net.items[a].kind, other = net.items[b].kind;
      if (kind == ItemKind::kPrelu && other == ItemKind::kPrelu) own = min(own, (*level)[a]);
    }
  }
}

Vec<int32_t> latest_levels(const Net& net, const Vec<uint8_t>& live) {
  Vec<int32_t> level(net.items.size(), 0);
  int32_t last = 0;
  for (size_t i = 0; i < net.items.size(); i++) {
    const Item& item = net.items[i];
    for (size_t k = 0; k < item.in.size(); k++)
      level[i] = max(level[i], level[item.in[k]] + step(net, item, static_cast<int>(k)));
    if (live[i]) last = max(last, level[i]);
  }
  for (size_t i = net.items.size(); i-- > 0;) level[i] = last;
  for (size_t i = net.items.size(); i-- > 0;) {
    if (!live[i]) continue;
    const Item& item = net.items[i];
    for (size_t k = 0; k < item.in.size(); k++) {
      int32_t& before = level[item.in[k]];
      before = min(before, level[i] - step(net, item, static_cast<int>(k)));
    }
  }
  bring_forward(net, live, &level);
  return level;
}

bool is_cheap(const Item& item) { return item.kind == ItemKind::kAffine && !item.exported; }

// Items that keep order after their inputs, with copies of cheap ones for later levels.
void repeat_cheap(Net* net) {
  const Vec<uint8_t> live = find_live(*net);
  const Vec<int32_t> level = latest_levels(*net, live);
  Vec<uint8_t> stored(net->items.size(), 0);  // read by other tiles: there anyway
  for (size_t i = 0; i < net->items.size(); i++)
    if (live[i])
      for (size_t k = 0; k < net->items[i].in.size(); k++)
        if (step(*net, net->items[i], static_cast<int>(k))) stored[net->items[i].in[k]] = 1;
  Net out;
  out.graph = net->graph;
  Vec<int32_t> moved(net->items.size(), -1), copy(net->items.size(), -1), copy_level(net->items.size(), -1);
  for (size_t i = 0; i < net->items.size(); i++) {
    if (!live[i]) continue;
    Item item = net->items[i];
    for (size_t k = 0; k < item.in.size(); k++) {
      const int32_t source = net->items[i].in[k];
      const bool later = level[source] < level[i] && !step(*net, net->items[i], static_cast<int>(k));
      if (later && is_cheap(net->items[source]) && !stored[source]) {
        if (copy[source] < 0 || copy_level[source] != level[i]) {
          Item again = net->items[source];
          again.value = -1;
          again.in[0] = moved[again.in[0]];
          copy[source] = out.add(again);
          copy_level[source] = level[i];
        }
        item.in[k] = copy[source];
      } else {
        item.in[k] = moved[source];
      }
    }
    moved[i] = out.add(item);
  }
  net->items.swap(out.items);
}

}  // namespace

void schedule(Net* net, Vec<Region>* regions) {
  repeat_cheap(net);
  const Vec<Item>& items = net->items;
  const Vec<uint8_t> live = find_live(*net);
  const Vec<int32_t> level = latest_levels(*net, live);
  Vec<int32_t> order;
  for (size_t i = 0; i < items.size(); i++)
    if (live[i] && !is_given(items[i])) order.push(static_cast<int32_t>(i));
  const auto is_whole = [&](int32_t i) { return items[i].kind == ItemKind::kWhole; };
  stable_sort(&order, [&](int32_t a, int32_t b) {
    if (level[a] != level[b]) return level[a] < level[b];
    if (items[a].rows != items[b].rows) return items[a].rows < items[b].rows;
    return is_whole(a) < is_whole(b);
  });
  Vec<Region> found;
  for (int32_t i : order) {
    if (found.empty() || found.back().level != level[i] || found.back().rows != items[i].rows || is_whole(i)) {
      found.push(Region());
      found.back().level = level[i], found.back().rows = items[i].rows;
    }
    found.back().items.push(i);
  }
  // of a level, in order of their first items
  Vec<int32_t> by_level;
  for (size_t r = 0; r < found.size(); r++) by_level.push(static_cast<int32_t>(r));
  stable_sort(&by_level, [&](int32_t a, int32_t b) {
    return found[a].level != found[b].level ? found[a].level < found[b].level : found[a].items[0] < found[b].items[0];
  });
  for (int32_t r : by_level) {
    regions->push(Region());
    regions->back().swap_with(&found[r]);
  }
}

}  // namespace bvit
