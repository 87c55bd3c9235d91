// The kernel that the runtime puts in place of a partition of claimed nodes.
#pragma once

#include "delegate/options.h"
#include "delegate/program_registry.h"
#include "delegate/tfl_abi.h"
#include "delegate/thread_pools.h"

namespace bvit {

// What a delegate and its kernels share. But for the lists of programs and pools it never changes after
// the delegate was made, so that several interpreters, each in its thread, may use one delegate.
//
// It ends with the last of them: a runtime reads the flags of a delegate as long as it has kernels
// of it, also where a program has destroyed the delegate before the interpreter.
struct DelegateState {
  tfl::Delegate delegate = {};
  Options options;
  ProgramRegistry programs;
  ThreadPools pools;
  int32_t holders = 1;

  void hold() { __atomic_add_fetch(&holders, 1, __ATOMIC_RELAXED); }
  static void release(DelegateState* state);
};

// The registration that ReplaceNodeSubsetsWithDelegateKernels takes.
tfl::Registration partition_registration();

// Threads of a context: the option's, or else the interpreter's.
int threads_of(const Options& options, const tfl::Context& context);

}  // namespace bvit
