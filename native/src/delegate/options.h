// What a user may set: by options of the delegate, or by the environment.
#pragma once

#include "base/libc.h"
#include "kernels/kernels.h"

namespace bvit {

struct Options {
  const Kernels* kernels = nullptr;
  int threads = 0;       // 0: as many as the interpreter has
  bool exact = false;    // operator by operator, bit for bit as LCE
  int verbose = 0;       // 0 nothing, 1 a summary, 2 all of it
  bool profile = false;  // count time, see program_registry.h; the fused mode then runs on one thread

  // Reads n pairs, then LARQ_BVIT_ISA and LARQ_BVIT_VERBOSE for what the pairs left open. False
  // after a message that names the option, what came and what is allowed.
  bool read(const char* const* keys, const char* const* values, size_t n,
            void (*report_error)(const char*));
};

}  // namespace bvit
