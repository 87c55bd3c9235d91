// A stand-in for TensorFlow Lite: it offers a graph to the delegate as the runtime does, and keeps
// all memory in pieces of their exact size, where AddressSanitizer sees what is read beyond them.
//
// What the runtime guarantees holds here too: lists of a node are in range, a constant has the bytes
// that its shape needs, whoever asks for nodes outside of a delegate's Prepare is turned away.
#pragma once

#include "delegate/tfl_abi.h"
#include "graph_case.h"
#include "random.h"

namespace fuzz {

// How far a run came.
enum class Outcome {
  kNotLoaded,   // no runtime would offer this to a delegate
  kRefused,     // by the delegate, as a whole
  kUnclaimed,   // the delegate has taken no node
  kUnprepared,  // a partition was refused when shapes were known
  kTooLarge,    // more memory than is tried here
  kFailed,      // an invocation reported an error
  kRan,
};
const char* name_of(Outcome outcome);
constexpr int kOutcomes = 7;

// Whether what the delegate reports goes to standard error.
extern bool tell_errors;

// Runs the case once, from loading to the end of the interpreter, with options of the delegate,
// shapes and numbers that its `run_seed` decides.
Outcome run_case(const Case& c);

}  // namespace fuzz
