// Another order of additions, with less to keep or to repeat.
#include "compile/rewrites.h"

namespace bvit {
namespace {

class Regroup {
 public:
  explicit Regroup(Net* net) : net_(net), uses_(count_uses(*net)), feeds_keys_(find_key_feeds(*net)) {}

  void run() {
    out_.graph = net_->graph;
    for (size_t i = 0; i < net_->items.size(); i++) {
      Item item = net_->items[i];
      for (int32_t& source : item.in) source = moved_[source];
      after_attention_.push(depends(net_->items[i]));
      if (uses_[i] > 0) regroup(net_->items[i], &item);
      moved_.push(out_.add(item));
    }
    net_->items.swap(out_.items);
  }

 private:
  // Of which items attention reads signs as keys or values, a flag each.
  static Vec<uint8_t> find_key_feeds(const Net& net) {
    Vec<uint8_t> feeds(net.items.size(), 0);
    for (const Item& item : net.items)
      if (item.kind == ItemKind::kAttention)
        for (int k = 1; k < 3; k++) feeds[net.items[item.in[k]].in[0]] = 1;
    return feeds;
  }

  bool depends(const Item& item) const {
    bool any = item.kind == ItemKind::kAttention;
    for (int32_t source : item.in) any |= after_attention_[source] != 0;
    return any;
  }

  void regroup(const Item& before, Item* item) {
    if (before.kind != ItemKind::kAdd) return;
    const int32_t inner = before.in[0], c = before.in[1];
    const Item& sum = net_->items[inner];
    if (sum.kind != ItemKind::kAdd || uses_[inner] != 1) return;
    const int32_t a = sum.in[0], b = sum.in[1];
    const Item &x = net_->items[b], &y = net_->items[c];
    const bool maps = x.kind == ItemKind::kRowMap && y.kind == ItemKind::kRowMap &&
                      same_rows(x.geometry, y.geometry) && uses_[b] == 1 && uses_[c] == 1 && b != c;
    const bool keys = x.kind == ItemKind::kPrelu && y.kind == ItemKind::kPrelu &&
                      after_attention_[a] && feeds_keys_[b] && feeds_keys_[c];
    if (!maps && !keys) return;
    Item pair = before;
    pair.value = -1;
    pair.exported = false;
    pair.in[0] = moved_[maps ? x.in[0] : b];
    pair.in[1] = moved_[maps ? y.in[0] : c];
    if (maps) pair.rows = net_->items[x.in[0]].rows;
    int32_t joined = out_.add(pair);
    if (maps) {
      Item rows = x;
      rows.value = -1;
      rows.in[0] = joined;
      joined = out_.add(rows);
    }
    item->in[0] = moved_[a];
    item->in[1] = joined;
  }

  Net* net_;
  Net out_;
  Vec<int32_t> uses_;
  Vec<uint8_t> feeds_keys_, after_attention_;  // the second one of items so far
  Vec<int32_t> moved_;
};

}  // namespace

void regroup_sums(Net* net) { Regroup(net).run(); }

}  // namespace bvit
