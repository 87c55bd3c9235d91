// Scaled maps that are added to products.
#include "compile/affine.h"
#include "compile/rewrites.h"

namespace bvit {
namespace {

class Addends {
 public:
  explicit Addends(Net* net) : net_(net), uses_(count_uses(*net)) {}

  void run() {
    out_.graph = net_->graph;
    for (size_t i = 0; i < net_->items.size(); i++) {
      Item item = net_->items[i];
      const bool add = item.kind == ItemKind::kAdd && item.in[0] != item.in[1] && uses_[i] > 0;
      for (int32_t& source : item.in) source = moved_[source];
      if (add && !rewrite(net_->items[i], &item, 0)) rewrite(net_->items[i], &item, 1);
      moved_.push(out_.add(item));
    }
    net_->items.swap(out_.items);
  }

 private:
  bool rewrite(const Item& before, Item* item, int side) {
    const int32_t product = before.in[1 - side], addend = before.in[side];
    if (!takes_affine(net_->items[product]) || uses_[product] > 1) return false;
    const Item& tile = net_->items[addend];
    const bool tiled = tile.kind == ItemKind::kTile;
    const Item& affine = tiled ? net_->items[tile.in[0]] : tile;
    if (affine.kind != ItemKind::kAffine) return false;
    Item scaled = affine;
    scaled.value = -1;
    scaled.exported = false;
    scaled.in[0] = moved_[affine.in[0]];
    scaled.shift.clear();
    scaled.addend = true;
    Item& base = out_.items[moved_[product]];
    if (base.shift.empty()) base.shift.resize(base.channels, 0.0f);
    for (int32_t c = 0; c < item->channels; c++) base.shift[c] += at(affine.shift, c % affine.channels, 0);
    item->in[side] = scaled.scale.empty() ? scaled.in[0] : out_.add(scaled);
    if (tiled) {
      Item again = tile;
      again.value = -1;
      again.exported = false;
      again.in[0] = item->in[side];
      item->in[side] = out_.add(again);
    }
    return true;
  }

  Net* net_;
  Net out_;
  Vec<int32_t> uses_, moved_;
};

}  // namespace

void find_addends(Net* net) { Addends(net).run(); }

}  // namespace bvit
