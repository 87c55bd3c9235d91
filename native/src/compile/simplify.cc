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

}  // namespace

void simplify(Net* net) {
  for (bool changed = true; changed;) {
    changed = false;
    Vec<int32_t> uses = count_uses(*net);
    for (size_t i = 0; i < net->items.size(); i++) {
      Item* item = &net->items[i];
      bool done = false;
      if (item->kind == ItemKind::kAffine) {
        done = fold_affine(net, item, uses) ||
               (uses[item->in[0]] == 1 && swap_pool(net, static_cast<int32_t>(i)));
      } else if (item->kind == ItemKind::kSign) {
        done = fold_sign(net, item);
      }
      if (done) uses = count_uses(*net);
      changed |= done;
    }
  }
}

}  // namespace bvit
