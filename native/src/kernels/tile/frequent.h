// The chains in which binary networks spend their time: each instruction set has straight code for them,
// in which the compiler knows what comes next. Others are interpreted.
#pragma once

#include "kernels/tile/tile.h"

namespace bvit {

template <OpKind... kKinds>
struct Sequence {};

template <class... T>
struct Sequences {};

namespace frequent {
using K = OpKind;
using Chains = Sequences<
    Sequence<K::kUnit, K::kStore, K::kSign>,
    Sequence<K::kUnit, K::kSign, K::kStore>,
    Sequence<K::kUnit, K::kSign, K::kAdd, K::kStore>,
    Sequence<K::kUnit, K::kScaleAdd, K::kStore, K::kAffine, K::kSign>,
    Sequence<K::kUnit, K::kScaleAdd, K::kTaps, K::kLine, K::kAdd, K::kStore, K::kAffine, K::kSign>,
    Sequence<K::kUnit, K::kScaleAdd, K::kTaps, K::kLine, K::kAdd, K::kStore, K::kAffine, K::kStore, K::kSign, K::kShift, K::kSign>,
    Sequence<K::kContext, K::kAdd, K::kAdd, K::kPrelu, K::kStore, K::kSign>,
    Sequence<K::kBinaryProduct, K::kAdd, K::kAdd, K::kPrelu, K::kStore, K::kSign>,
    Sequence<K::kBinaryProduct, K::kAdd, K::kAdd, K::kSign, K::kStore>,
    Sequence<K::kFloatProduct, K::kStore>,
    Sequence<K::kFloatProduct, K::kAdd, K::kStore, K::kAffine, K::kSign>>;
}  // namespace frequent

// The number of a chain of these in the list; -1 where it is not there.
int32_t find_frequent(const TileOp* ops, int32_t count);

}  // namespace bvit
