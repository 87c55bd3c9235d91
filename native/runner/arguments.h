// The command line.
#pragma once

#include "base/vec.h"

namespace bvit {

struct DelegateOption {
  const char *key, *value;
};

struct Arguments {
  const char* library = nullptr;
  const char* model = nullptr;
  const char* delegate = nullptr;  // null: none
  const char* input = nullptr;     // null: a pattern
  const char* output = nullptr;    // null: not written
  Vec<DelegateOption> options;     // of the delegate
  int threads = 1;
  int warmup_runs = 1;
  double warmup_seconds = 0;
  int runs = 50;
  double seconds = 1;
  bool profile = false;
};

// Ends the program where they are not right, and after --help.
Arguments read_arguments(int count, char** words);

}  // namespace bvit
