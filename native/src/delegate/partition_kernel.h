// The kernel that the runtime puts in place of a partition of claimed nodes.
#pragma once

#include "delegate/options.h"
#include "delegate/program_registry.h"
#include "delegate/tfl_abi.h"

namespace bvit {

// What delegates and their kernels share; never changes after its delegate was made, so that
// several interpreters, each in its thread, may use one delegate.
struct DelegateState {
  tfl::Delegate delegate = {};
  Options options;
  ProgramRegistry* programs = nullptr;

  ~DelegateState() { ProgramRegistry::release(programs); }
};

// The registration that ReplaceNodeSubsetsWithDelegateKernels takes.
tfl::Registration partition_registration();

// Threads of a context: the option's, or else the interpreter's.
int threads_of(const Options& options, const tfl::Context& context);

}  // namespace bvit
