// What rewrites of scales and shifts have in common.
#pragma once

#include "compile/net.h"

namespace bvit {

// A parameter of channel `c`; an empty list means the same for all.
inline float at(const Vec<float>& v, int32_t c, float otherwise) { return v.empty() ? otherwise : v[c]; }

// Whether an item's result is scaled and shifted anyway.
inline bool takes_affine(const Item& item) {
  return item.kind == ItemKind::kBinaryProduct || item.kind == ItemKind::kFloatProduct ||
         item.kind == ItemKind::kAttention;
}

}  // namespace bvit
