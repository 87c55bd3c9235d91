// Which nodes of a plan the delegate claims.
//
// Some operators have a fused form only together: attention, or a reshape before means over groups.
// The runtime makes partitions of what is claimed, and may part them, or read what lies between
// them. So it is asked for its partitions first, and what has no form in its own stays with it.
#pragma once

#include "base/vec.h"
#include "delegate/options.h"
#include "delegate/tfl_abi.h"
#include "graph/graph.h"

namespace bvit {

// A flag for each node of the plan's graph; LCE's are always claimed. False where memory ends.
bool choose_claims(tfl::Context* context, const Graph& graph, const Options& options,
                   Vec<uint8_t>* flags);

// Their indices in the runtime's plan, as it takes them; from malloc, null where memory ends.
tfl::IntArray* claimed_nodes(const Graph& graph, const Vec<uint8_t>& flags);

}  // namespace bvit
