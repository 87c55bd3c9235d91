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

  // The pool must stay until the end of this program, and no other program uses it while this one runs;
  // `graph`, too, where it `reads_constants`.
  bool prepare(const Graph& graph, const Options& options, ThreadPool* pool, Reason* reason);
  // Whether runs read constants where the graph has them; else they are packed.
  bool reads_constants() const { return fused_ == nullptr; }
  bool run(void* const* tensors);
  size_t activation_bytes() const;
  // The steps of a program made with the option `profile`, with their times so far.
  void each_profile_row(ProfileVisit visit, void* with) const;

 private:
  ExactProgram exact_;
  Program* fused_ = nullptr;
};

// Which nodes of a graph have a fused form in it, as flags; none in the exact mode.
void find_fused(const Graph& graph, const Options& options, Vec<uint8_t>* flags);

bool is_exact(const Options& options);

// "exact" or "fused".
const char* mode_of(const Options& options);

}  // namespace bvit
