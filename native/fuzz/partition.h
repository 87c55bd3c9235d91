// How a runtime groups the nodes of a plan into partitions that a delegate has claimed and others.
#pragma once

#include "delegate/tfl_abi.h"

#include <vector>

namespace fuzz {

struct Partition {
  bool claimed = false;
  std::vector<int32_t> nodes, inputs, outputs;  // tensors that come from and go to other nodes
};

// Each partition takes what it can, in order, of those nodes of its kind whose inputs are computed.
std::vector<Partition> partitions(const std::vector<bvit::tfl::Node>& nodes,
                                  const std::vector<bool>& claimed,
                                  const std::vector<int32_t>& model_outputs, size_t tensors);

}  // namespace fuzz
