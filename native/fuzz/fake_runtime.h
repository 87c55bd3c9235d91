// A stand-in for TensorFlow Lite: it offers a graph to the delegate as the runtime does, and holds
// the delegate to what it owes:
//
// - a graph that is only loaded is prepared, unless no runtime could;
// - what was prepared runs, as long as its tensors keep their memory;
// - results are those of the inputs, whatever lay in the outputs before, and whatever number of
//   threads makes them; in the exact mode for every instruction set.
//
// Where that does not hold the process aborts with a message.
#pragma once

#include "graph_case.h"

namespace fuzz {

// How far a run came.
enum class Outcome {
  kNotLoaded,   // no runtime would offer this to a delegate, or prepare it
  kRefused,     // by the delegate, as a whole
  kUnclaimed,   // the delegate has taken no node
  kUnprepared,  // a partition was refused, after shapes had changed
  kTooLarge,    // more memory than is tried here
  kFailed,      // an invocation reported an error, as tensors had lost their memory
  kRan,
};
const char* name_of(Outcome outcome);
constexpr int kOutcomes = 7;

// Runs the case once, from loading to the end of the interpreter, with options of the delegate,
// shapes and numbers that its `run_seed` decides. `last_error`: what the delegate reported.
Outcome run_case(const Case& c, std::string* last_error = nullptr);

}  // namespace fuzz
