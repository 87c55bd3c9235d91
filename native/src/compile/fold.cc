// What an item takes over from the one that it reads.
#include "compile/affine.h"
#include "compile/rewrites.h"
#include "compile/uses.h"

namespace bvit {
namespace {

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

bool is_shift(const Item& item) {
  for (float s : item.scale)
    if (s != 1) return false;
  return item.kind == ItemKind::kAffine;
}

class Folding {
 public:
  explicit Folding(Net* net) : net_(*net), uses_(net), bottom_(net->items.size(), -1) {}

  // Whether anything changed.
  bool run() {
    bool any = false;
    for (size_t i = 0; i < net_.items.size(); i++) {
      const int32_t item = static_cast<int32_t>(i);
      // what nobody needs must not change what others read
      while (uses_[item] > 0 && fold(item)) any = true;
      if (net_.items[i].kind == ItemKind::kAdd) bottom_[i] = bottom_of(net_.items[i]);
    }
    return any;
  }

 private:
  bool fold(int32_t index) {
    Item* item = &net_.items[index];
    switch (item->kind) {
      case ItemKind::kAffine: return fold_affine(item) || swap_pool(item) || sink_shift(item);
      case ItemKind::kSign: return fold_sign(item);
      case ItemKind::kTaps: return fold_reverse(item) || fold_into_taps(item);
      case ItemKind::kMaxTaps:
      case ItemKind::kFloatProduct:
      case ItemKind::kBinaryProduct: return fold_reverse(item);
      default: return false;
    }
  }

  // An affine item after a product becomes the product's; after another one, both are one.
  bool fold_affine(Item* item) {
    const int32_t source = item->in[0];
    const Item& from = net_.items[source];
    if (from.kind == ItemKind::kAffine) {
      Vec<float> scale, shift;
      compose(from, *item, item->channels, &scale, &shift);
      item->scale.swap(scale), item->shift.swap(shift);
      uses_.redirect(item, from.in[0]);
      return true;
    }
    if (!takes_affine(from) || uses_[source] > 1) return false;
    Item merged = from;
    compose(from, *item, item->channels, &merged.scale, &merged.shift);
    for (size_t i = 0; i < merged.border.size(); i++)
      merged.border[i] *= at(item->scale, static_cast<int32_t>(i) % item->channels, 1);
    merged.value = item->value;
    merged.exported = item->exported;
    uses_.replace(item, merged);
    return true;
  }

  // sign(x + b) asks x < -b.
  bool fold_sign(Item* item) {
    const Item& from = net_.items[item->in[0]];
    if (!is_shift(from)) return false;
    for (int32_t c = 0; c < item->channels; c++) item->scale[c] -= at(from.shift, c, 0);
    uses_.redirect(item, from.in[0]);
    return true;
  }

  // A mean over whole windows, of an affine map, is the affine map of the mean: that map need not be.
  bool swap_pool(Item* affine) {
    const int32_t source = affine->in[0];
    Item& taps = net_.items[source];
    if (uses_[source] != 1 || taps.kind != ItemKind::kTaps) return false;
    if (taps.weights || taps.geometry.reaches_outside()) return false;
    const Item& inner = net_.items[taps.in[0]];
    if (inner.kind != ItemKind::kAffine) return false;
    Vec<float> scale(affine->channels, 0), shift(affine->channels, 0);
    for (int32_t c = 0; c < affine->channels; c++) {
      const double mean = at(affine->scale, c, 1);
      scale[c] = static_cast<float>(mean * at(inner.scale, c, 1));
      shift[c] = static_cast<float>(mean * taps.geometry.taps() * at(inner.shift, c, 0) +
                                    at(affine->shift, c, 0));
    }
    affine->scale.swap(scale), affine->shift.swap(shift);
    uses_.redirect(&taps, inner.in[0]);
    return true;
  }

  // The term of a sum to which a shift can sink: through sums that nothing else reads, to a product
  // where there is one. Sums keep their readers until the end, so that each is asked once.
  int32_t bottom_of(const Item& sum) const {
    const Item& left = net_.items[sum.in[0]];
    const bool go_left = takes_affine(left) || left.kind == ItemKind::kAdd;
    const int32_t term = sum.in[go_left ? 0 : 1];
    return net_.items[term].kind == ItemKind::kAdd && uses_[term] == 1 ? bottom_[term] : term;
  }

  // A shift after sums is a shift of the product among their terms.
  bool sink_shift(Item* item) {
    const int32_t source = item->in[0];
    if (!is_shift(*item) || item->shift.empty()) return false;
    if (net_.items[source].kind != ItemKind::kAdd || uses_[source] != 1) return false;
    const int32_t bottom = bottom_[source];
    Item& product = net_.items[bottom];
    if (!takes_affine(product) || uses_[bottom] != 1) return false;
    if (product.shift.empty()) product.shift.resize(product.channels, 0.0f);
    for (int32_t c = 0; c < product.channels; c++) product.shift[c] += item->shift[c];
    Item sum = net_.items[source];
    sum.value = item->value;
    sum.exported = item->exported;
    uses_.replace(item, sum);
    return true;
  }

  // Weighted taps of scale * x + shift are taps of x, and what the shift adds to those that are inside.
  bool fold_into_taps(Item* item) {
    if (!item->weights && item->own_weights.empty()) return false;
    const Item& from = net_.items[item->in[0]];
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
    uses_.redirect(item, from.in[0]);
    return true;
  }

  // A reversal before a window is a window that reads from the end.
  bool fold_reverse(Item* item) {
    if (item->kind == ItemKind::kFloatProduct && item->geometry.is_pointwise()) return false;
    const Item& from = net_.items[item->in[0]];
    const Geometry& g = from.geometry;
    if (from.kind != ItemKind::kRowMap || (!g.reverse_h && !g.reverse_w)) return false;
    if (g.out_h != item->geometry.in_h || g.out_w != item->geometry.in_w) return false;  // reshaped between
    item->geometry.reverse_h ^= g.reverse_h;
    item->geometry.reverse_w ^= g.reverse_w;
    uses_.redirect(item, from.in[0]);
    return true;
  }

  Net& net_;
  Uses uses_;
  Vec<int32_t> bottom_;
};

}  // namespace

void fold(Net* net) {
  while (Folding(net).run()) {
  }
}

}  // namespace bvit
