// A partition of a plan as a graph of its own.
#pragma once

#include "delegate/tfl_abi.h"
#include "graph/graph.h"

namespace bvit {

struct Part {
  Graph graph;
  Vec<int32_t> position;  // in the plan's graph, of each node
};

// Reads one after the other, each in as much time as its own size asks for: there may be thousands.
class PartReader {
 public:
  explicit PartReader(const Graph& plan);  // which must stay

  // The nodes, and which values come and go.
  Part read(const tfl::DelegateParams& partition);

 private:
  void read_node(int32_t position, Part* part);
  int32_t value_of(int32_t value, Part* part);

  const Graph& plan_;
  Vec<int32_t> node_of_, value_of_;  // by the runtime's numbers of nodes and tensors; -1: none
  Vec<int32_t> number_;              // of the plan's values in the part that is read; -1: not in it
  Vec<int32_t> numbered_;            // those that are
};

}  // namespace bvit
