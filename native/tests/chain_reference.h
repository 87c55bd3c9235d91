// Chains by their definition in kernels/tile/tile.h: element by element, in double.
#pragma once

#include "kernels/tile/tile.h"

namespace bvit {
namespace test {

// Runs a chain on the spaces of `c`. Spaces of `unsure` have the same size: where a comparison is so
// close that rounding decides it, the bit that it gives is set there.
void run_reference(const Chain& chain, const TileContext& c, const TileContext& unsure);

}  // namespace test
}  // namespace bvit
