// Affine maps of one map that differ by a shift.
#include "compile/affine.h"
#include "compile/lookup.h"
#include "compile/rewrites.h"

namespace bvit {
namespace {

// Of what `find` must find equal: the map that is scaled, and its scales.
uint64_t key_of(const Item& affine) {
  uint64_t key = mix_key(0, static_cast<uint64_t>(affine.in[0]));
  for (int32_t c = 0; c < affine.channels; c++) {
    const float scale = at(affine.scale, c, 1) + 0.0f;  // -0 equals 0
    uint32_t bits;
    memcpy(&bits, &scale, sizeof(bits));
    key = mix_key(key, bits);
  }
  return key;
}

// That one is the other and a shift: the difference of two that are infinite is none.
bool differ_by_shift(const Item& a, const Item& b) {
  for (int32_t c = 0; c < a.channels; c++) {
    const float shift = at(a.shift, c, 0) - at(b.shift, c, 0);
    if (at(a.scale, c, 1) != at(b.scale, c, 1) || shift - shift != 0) return false;
  }
  return true;
}

}  // namespace

void share_affines(Net* net) {
  Vec<Item>& items = net->items;
  const Vec<uint8_t> live = find_live(*net);
  Vec<uint8_t> has_sign(items.size(), 0);
  for (size_t i = 0; i < items.size(); i++)
    if (live[i] && items[i].kind == ItemKind::kSign) has_sign[items[i].in[0]] = 1;
  Lookup signed_ones(items.size());
  for (size_t i = 0; i < items.size(); i++) {
    Item& item = items[i];
    if (!live[i] || item.kind != ItemKind::kAffine) continue;
    const int32_t like = item.addend ? -1 : signed_ones.find(key_of(item), [&](int32_t k) {
      return items[k].in[0] == item.in[0] && differ_by_shift(item, items[k]);
    });
    if (like >= 0) {
      item.shift.resize(item.channels, 0.0f);
      for (int32_t c = 0; c < item.channels; c++) item.shift[c] -= at(items[like].shift, c, 0);
      item.scale.clear();
      item.in[0] = like;
    }
    if (has_sign[i]) signed_ones.add(key_of(item), static_cast<int32_t>(i));
  }
}

}  // namespace bvit
