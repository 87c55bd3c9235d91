// The fused mode behind one door: what the delegate asks of the region compiler.
//
// The delegate imports a graph, asks which nodes the compiler takes, and has each partition that the
// runtime makes of them compiled with its final shapes; a partition is compiled again when its
// shapes change. Nothing is allocated between `compile` and `destroy`.
#pragma once

#include "base/vec.h"
#include "graph/graph.h"
#include "kernels/kernels.h"

namespace bvit {

class ThreadPool;

struct ProgramOptions {
  const Kernels* kernels;
  ThreadPool* pool;                // the caller's thread and helpers; it must stay until `destroy`
  int verbose;                     // 0 nothing, 1 a summary, 2 the whole plan
  void (*print)(const char*);      // takes one line without its end; null where verbose is 0
  bool profile = false;            // count time, on one thread
};

// Which nodes of `graph` the compiler can execute, as flags per node (LCE ops always). Shapes may
// change before `compile`, where the runtime resizes its inputs.
void claimable(const Graph& graph, Vec<uint8_t>* flags);

class Program;

// A program for all nodes of a partition, whose shapes are final, or null with a reason of at most
// `n` characters in `error`. It needs nothing of `partition` any more.
Program* compile(const Graph& partition, const ProgramOptions& options, char* error, size_t n);

// `tensors`: by Value index, the data of the partition's inputs and outputs; of other values nothing
// is read. One call at a time.
bool run(Program* program, void* const* tensors);

void destroy(Program* program);

// Where the runs so far spent their time, of a program compiled with `profile`: calls `visit` for each
// step, in order of execution, with what it does and of what kind that is.
typedef void (*ProfileVisit)(const char* name, const char* kind, uint64_t nanoseconds, void* with);
void each_profile_row(const Program* program, ProfileVisit visit, void* with);

// Memory for maps inside of the partition, all threads' scratch included.
size_t activation_bytes(const Program* program);

}  // namespace bvit
