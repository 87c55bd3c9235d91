// A node as the runtime has it. The runtime gives nodes out only while delegates are applied; what
// a kernel needs of them at Prepare it copies before. The arrays and options that a node points to
// stay where they are as long as the interpreter lives.
#pragma once

#include "base/reason.h"
#include "base/vec.h"
#include "delegate/tfl_abi.h"

namespace bvit {

struct RawNode {
  int32_t index;
  tfl::Node node;
  int32_t builtin_code;
  const char* custom_name;  // null of builtin operators
};

// False where the runtime does not give one of the nodes.
bool collect_nodes(tfl::Context* context, const tfl::IntArray* indices, Vec<RawNode>* nodes);

// Whether nodes read only what earlier ones have written. Runtimes do not look: they crash where a
// delegate claims nodes of a graph with a cycle, or with an output that is no tensor.
bool check_order(const Vec<RawNode>& plan, size_t tensors, Reason* reason);

// "LceBconv2d", "RESHAPE" or, of operators that are not known, "operator 36".
void name_node(const RawNode& node, char* name, size_t size);

}  // namespace bvit
