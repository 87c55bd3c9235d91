// Items that say the same in fewer operations. Float results change by rounding alone.
#include "base/math.h"
#include "compile/net.h"

namespace bvit {
namespace {

float at(const Vec<float>& v, int32_t c, float otherwise) { return v.empty() ? otherwise : v[c]; }

// second(first(x)) as one scale and shift.
void compose(const Item& first, const Item& second, int32_t channels, Vec<float>* scale,
             Vec<float>* shift) {
  scale->resize(channels);
  shift->resize(channels);
  for (int32_t c = 0; c < channels; c++) {
    const double s = at(second.scale, c, 1);
    (*scale)[c] = static_cast<float>(s * at(first.scale, c, 1));
    (*shift)[c] = static_cast<float>(s * at(first.shift, c, 0) + at(second.shift, c, 0));
  }
}

bool takes_affine(const Item& item) {
  return item.kind == ItemKind::kBinaryProduct || item.kind == ItemKind::kFloatProduct ||
         item.kind == ItemKind::kAttention;
}

bool is_shift(const Item& item) {
  for (float s : item.scale)
    if (s != 1) return false;
  return item.kind == ItemKind::kAffine;
}

// An affine item after a product becomes the product's; after another one, both are one.
bool fold_affine(Net* net, Item* item, const Vec<int32_t>& uses) {
  const int32_t source = item->in[0];
  Item& from = net->items[source];
  if (from.kind == ItemKind::kAffine) {
    Vec<float> scale, shift;
    compose(from, *item, item->channels, &scale, &shift);
    item->scale = scale, item->shift = shift;
    item->in[0] = from.in[0];
    return true;
  }
  if (!takes_affine(from) || uses[source] > 1) return false;
  Item merged = from;
  compose(from, *item, item->channels, &merged.scale, &merged.shift);
  for (size_t i = 0; i < merged.border.size(); i++)
    merged.border[i] *= at(item->scale, static_cast<int32_t>(i) % item->channels, 1);
  merged.value = item->value;
  merged.exported = item->exported;
  *item = merged;
  return true;
}

// sign(x + b) asks x < -b.
bool fold_sign(Net* net, Item* item) {
  const Item& from = net->items[item->in[0]];
  if (!is_shift(from)) return false;
  for (int32_t c = 0; c < item->channels; c++) item->scale[c] -= at(from.shift, c, 0);
  item->in[0] = from.in[0];
  return true;
}

// A mean over whole windows, of an affine map, is the affine map of the mean: that map need not be.
bool swap_pool(Net* net, int32_t index) {
  Item& affine = net->items[index];
  const int32_t source = affine.in[0];
  if (affine.kind != ItemKind::kAffine) return false;
  Item& taps = net->items[source];
  if (taps.kind != ItemKind::kTaps || taps.weights || taps.geometry.reaches_outside()) return false;
  const Item& inner = net->items[taps.in[0]];
  if (inner.kind != ItemKind::kAffine) return false;
  Vec<float> scale(affine.channels, 0), shift(affine.channels, 0);
  for (int32_t c = 0; c < affine.channels; c++) {
    const double mean = at(affine.scale, c, 1);
    scale[c] = static_cast<float>(mean * at(inner.scale, c, 1));
    shift[c] = static_cast<float>(mean * taps.geometry.taps() * at(inner.shift, c, 0) +
                                  at(affine.shift, c, 0));
  }
  affine.scale = scale, affine.shift = shift;
  taps.in[0] = inner.in[0];
  return true;
}

// A shift after sums is a shift of the product among their terms.
bool sink_shift(Net* net, Item* item, const Vec<int32_t>& uses) {
  if (!is_shift(*item) || item->shift.empty()) return false;
  int32_t term = item->in[0];
  while (net->items[term].kind == ItemKind::kAdd && uses[term] == 1) {
    const Item& sum = net->items[term];
    const int32_t left = sum.in[0], right = sum.in[1];
    const bool go_left = takes_affine(net->items[left]) || net->items[left].kind == ItemKind::kAdd;
    term = go_left ? left : right;
  }
  Item& product = net->items[term];
  if (term == item->in[0] || !takes_affine(product) || uses[term] != 1) return false;
  if (product.shift.empty()) product.shift.resize(product.channels, 0.0f);
  for (int32_t c = 0; c < product.channels; c++) product.shift[c] += item->shift[c];
  Item sum = net->items[item->in[0]];
  sum.value = item->value;
  sum.exported = item->exported;
  *item = sum;
  return true;
}

// (a + b) + c, of b and c what is there before a: they are added first, while rows that repeat do not.
class Regroup {
 public:
  explicit Regroup(Net* net) : net_(net), uses_(count_uses(*net)) {}

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
                      reaches_attention(a) && feeds_keys(b) && feeds_keys(c);
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

  bool reaches_attention(int32_t i) const { return after_attention_[i] != 0; }

  // Whether attention reads signs of the item as keys or values.
  bool feeds_keys(int32_t i) const {
    for (const Item& item : net_->items)
      if (item.kind == ItemKind::kAttention)
        for (int k = 1; k < 3; k++)
          if (net_->items[item.in[k]].in[0] == i) return true;
    return false;
  }

  Net* net_;
  Net out_;
  Vec<int32_t> uses_, moved_, after_attention_;
};

// scale * x + b', after scale * x + b whose signs are taken, is that one shifted: both share a register.
void share_affines(Net* net) {
  const Vec<uint8_t> live = find_live(*net);
  Vec<uint8_t> has_sign(net->items.size(), 0);
  for (size_t i = 0; i < net->items.size(); i++)
    if (live[i] && net->items[i].kind == ItemKind::kSign) has_sign[net->items[i].in[0]] = 1;
  for (size_t i = 0; i < net->items.size(); i++) {
    Item& item = net->items[i];
    if (!live[i] || item.kind != ItemKind::kAffine || item.addend) continue;
    for (size_t k = 0; k < i; k++) {
      const Item& other = net->items[k];
      if (!has_sign[k] || other.kind != ItemKind::kAffine || other.in[0] != item.in[0]) continue;
      bool same = true;
      for (int32_t c = 0; c < item.channels && same; c++) same = at(item.scale, c, 1) == at(other.scale, c, 1);
      if (!same) continue;
      item.shift.resize(item.channels, 0.0f);
      for (int32_t c = 0; c < item.channels; c++) item.shift[c] -= at(other.shift, c, 0);
      item.scale.clear();
      item.in[0] = static_cast<int32_t>(k);
      break;
    }
  }
}

// In a + (scale * y + shift), `a` a product that can take the shift, one operation adds scale * y from
// where y is. The same through a tile, which then takes the scale along.
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

// Weighted taps of scale * x + shift are taps of x, and what the shift adds to those that are inside.
bool fold_into_taps(Net* net, Item* item) {
  if (item->kind != ItemKind::kTaps || (!item->weights && item->own_weights.empty())) return false;
  const Item& from = net->items[item->in[0]];
  if (from.kind != ItemKind::kAffine || from.addend || !item->border.empty() || item->geometry.taps() > 64) return false;
  const float* weights = item->own_weights.empty() ? static_cast<const float*>(item->weights) : item->own_weights.data();
  const int32_t taps = item->geometry.taps(), channels = item->channels;
  const MissingTaps missing = find_missing_taps(item->geometry);
  Vec<float> scaled;
  for (int32_t t = 0; t < taps; t++)
    for (int32_t c = 0; c < channels; c++) scaled.push(weights[t * channels + c] * at(from.scale, c, 1));
  for (size_t set = 0; set < missing.sets.size() && !from.shift.empty(); set++)
    for (int32_t c = 0; c < channels; c++) {
      double inside = 0;
      for (int32_t t = 0; t < taps; t++)
        if (!(missing.sets[set] >> t & 1)) inside += weights[t * channels + c];
      item->border.push(static_cast<float>(inside * from.shift[c]));
    }
  if (!from.shift.empty()) item->border_pattern = missing.of_row;
  item->own_weights.swap(scaled);
  item->in[0] = from.in[0];
  return true;
}

// What two sums of taps add at the border, in one table: (x + taps) + taps of the same map.
void join_borders(Net* net) {
  const Vec<int32_t> uses = count_uses(*net);
  for (size_t i = 0; i < net->items.size(); i++) {
    const Item& outer = net->items[i];
    if (outer.kind != ItemKind::kAdd || uses[i] == 0 || uses[outer.in[0]] != 1) continue;
    const Item& inner = net->items[outer.in[0]];
    if (inner.kind != ItemKind::kAdd || uses[outer.in[1]] != 1 || uses[inner.in[1]] != 1) continue;
    Item &first = net->items[inner.in[1]], &second = net->items[outer.in[1]];
    const bool taps = first.kind == ItemKind::kTaps && second.kind == ItemKind::kTaps && inner.in[1] != outer.in[1];
    if (!taps || first.border.empty() || second.border.empty()) continue;
    if (first.border_scales || second.border_scales) continue;
    if (first.border_pattern.size() != second.border_pattern.size()) continue;
    const int32_t channels = second.channels, sets = static_cast<int32_t>(second.border.size()) / channels;
    Vec<int32_t> pairs, pattern;
    Vec<float> border;
    for (size_t row = 0; row < first.border_pattern.size(); row++) {
      const int32_t pair = first.border_pattern[row] * sets + second.border_pattern[row];
      size_t k = 0;
      while (k < pairs.size() && pairs[k] != pair) k++;
      pattern.push(static_cast<int32_t>(k));
      if (k < pairs.size()) continue;
      pairs.push(pair);
      for (int32_t c = 0; c < channels; c++)
        border.push(first.border[pair / sets * channels + c] + second.border[pair % sets * channels + c]);
    }
    second.border.swap(border);
    second.border_pattern.swap(pattern);
    first.border.clear(), first.border_pattern.clear();
  }
}

// A reversal before a window is a window that reads from the end.
bool fold_reverse(Net* net, Item* item) {
  const bool windows = item->kind == ItemKind::kTaps || item->kind == ItemKind::kMaxTaps ||
                       item->kind == ItemKind::kFloatProduct || item->kind == ItemKind::kBinaryProduct;
  if (!windows || (item->kind == ItemKind::kFloatProduct && item->geometry.is_pointwise())) return false;
  const Item& from = net->items[item->in[0]];
  const Geometry& g = from.geometry;
  if (from.kind != ItemKind::kRowMap || (!g.reverse_h && !g.reverse_w)) return false;
  if (g.out_h != item->geometry.in_h || g.out_w != item->geometry.in_w) return false;  // reshaped between
  item->geometry.reverse_h ^= g.reverse_h;
  item->geometry.reverse_w ^= g.reverse_w;
  item->in[0] = from.in[0];
  return true;
}

}  // namespace

void simplify(Net* net) {
  for (bool changed = true; changed;) {
    changed = false;
    Vec<int32_t> uses = count_uses(*net);
    for (size_t i = 0; i < net->items.size(); i++) {
      Item* item = &net->items[i];
      if (uses[i] == 0) continue;  // what nobody needs must not change what others read
      bool done = false;
      if (item->kind == ItemKind::kAffine) {
        done = fold_affine(net, item, uses) ||
               (uses[item->in[0]] == 1 && swap_pool(net, static_cast<int32_t>(i))) ||
               sink_shift(net, item, uses);
      } else if (item->kind == ItemKind::kSign) {
        done = fold_sign(net, item);
      } else {
        done = fold_reverse(net, item) || fold_into_taps(net, item);
      }
      if (done) uses = count_uses(*net);
      changed |= done;
    }
  }
  Regroup(net).run();
  Addends(net).run();
  share_affines(net);
  join_borders(net);
}

}  // namespace bvit
