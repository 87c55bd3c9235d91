// The steps of `simplify`, each a pass over the items in order. Float results change by rounding alone.
#pragma once

#include "compile/net.h"

namespace bvit {

// Scales, shifts and reversals become part of products, thresholds and windows.
void fold(Net* net);

// (a + b) + c, of b and c what is there before a: they are added first, while rows that repeat do not.
void regroup_sums(Net* net);

// In a + (scale * y + shift), `a` a product that can take the shift, one operation adds scale * y from
// where y is. The same through a tile, which then takes the scale along.
void find_addends(Net* net);

// scale * x + b', after scale * x + b whose signs are taken, is that one shifted: both share a register.
void share_affines(Net* net);

// What two sums of taps add at the border, in one table: (x + taps) + taps of the same map.
void join_borders(Net* net);

}  // namespace bvit
