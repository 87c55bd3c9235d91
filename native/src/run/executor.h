// Runs a plan: copies in, regions one after the other with all threads, copies out.
#pragma once

#include "compile/plan.h"
#include "kernels/kernels.h"
#include "run/profiler.h"

namespace bvit {

class Executor;
class ThreadPool;

// Plan and pool must outlive it. Null where memory ends.
Executor* new_executor(const Plan& plan, const Kernels* kernels, ThreadPool* pool, bool profiled);
void delete_executor(Executor* executor);

// `tensors`: data of outside values by number, those of `plan.externals`.
bool execute(Executor* executor, void* const* tensors);

// Times of the runs so far, if `profiled` was set; such an executor runs on one thread.
const Profiler* profiler_of(const Executor* executor);

}  // namespace bvit
