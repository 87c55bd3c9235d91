// A TensorFlow Lite graph, as the runtime holds it, becomes a Graph with all guarantees of graph.h.
//
// Shapes of values that nodes of the graph compute are worked out anew from the shapes of those
// that come from outside; what the file says of them does not count. The runtime fixes shapes at
// the kernel's Prepare only, so a graph is read twice: when nodes are claimed, and then.
#pragma once

#include "base/reason.h"
#include "delegate/half_constants.h"
#include "delegate/raw_node.h"
#include "graph/graph.h"

namespace bvit {

struct Refusal {
  int32_t position;  // of the node in the plan
  Reason reason;
};

// All nodes of the plan that can be read; why others can't. Shapes are those of the file. A value
// counts as `output` where a node outside of the graph reads it or none does: which tensors are the
// model's outputs the runtime tells only at Prepare.
void import_plan(tfl::Context* context, const Vec<RawNode>& plan, Graph* graph,
                 Vec<Refusal>* refusals);

// The nodes of a partition, all of which must be readable, with final shapes. `halves`: of the whole
// plan; `outputs`: tensors that are read outside.
bool import_partition(tfl::Context* context, const Vec<RawNode>& nodes,
                      const Vec<HalfConstant>& halves, const Vec<int32_t>& outputs, Graph* graph,
                      Reason* reason);

}  // namespace bvit
