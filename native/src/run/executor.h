// Runs a plan: copies in, regions one after the other with all threads, copies out.
#pragma once

#include "compile/plan.h"
#include "kernels/kernels.h"

namespace bvit {

class Executor;

// The plan must outlive it. Null where memory ends.
Executor* new_executor(const Plan& plan, const Kernels* kernels, int threads);
void delete_executor(Executor* executor);

// `tensors`: data of outside values by number, those of `plan.externals`.
bool execute(Executor* executor, void* const* tensors);

// Where one run on one thread spends its time, in seconds. A chain's product is timed by running it
// once more without what follows it.
struct ChainTime {
  int32_t region = 0, chain = 0;
  double seconds = 0, product = 0;
};
bool profile(Executor* executor, void* const* tensors, Vec<ChainTime>* times);

}  // namespace bvit
