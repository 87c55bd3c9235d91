// How a partition runs: operator by operator in the exact mode, fused otherwise.
#pragma once

#include "base/reason.h"
#include "delegate/exact_program.h"
#include "delegate/options.h"

namespace bvit {

class Program;

class PartitionProgram {
 public:
  PartitionProgram() = default;
  ~PartitionProgram();

  // `graph` must stay as it is until the end of this program.
  bool prepare(const Graph& graph, const Options& options, int threads, Reason* reason);
  bool run(void* const* tensors);
  size_t activation_bytes() const;

 private:
  ExactProgram exact_;
  Program* fused_ = nullptr;
};

// Which nodes of a graph are to be claimed, as flags; LCE's always.
void choose_nodes(const Graph& graph, const Options& options, int threads, Vec<uint8_t>* flags);

// "exact" or "fused".
const char* mode_of(const Options& options);

}  // namespace bvit
