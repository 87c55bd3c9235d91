// The shapes that a runtime's own operators find.
#pragma once

#include <vector>

#include "delegate/raw_node.h"

namespace fuzz {

struct FoundShape {
  int32_t node, tensor;        // which writes which
  std::vector<int32_t> dims;
};

struct FoundShapes {
  std::vector<FoundShape> of_outputs;
  bool fit = true;  // false: no runtime prepares the graph, as a window does not fit its map
};

// From the shapes of what no node computes, for operators that the delegate's readers know; the
// outputs of others have the shapes that they have.
FoundShapes find_shapes(bvit::tfl::Context* context, const bvit::Vec<bvit::RawNode>& plan);

}  // namespace fuzz
