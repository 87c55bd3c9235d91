// The options with which a delegate is made.
#pragma once

#include "delegate/tfl_abi.h"
#include "random.h"

namespace fuzz {

struct Settings {  // null: not given
  const char *isa = nullptr, *exact = nullptr, *verbose = nullptr, *threads = nullptr,
             *profile = nullptr;
  int32_t interpreter_threads = 1;
  bool open_shapes = false;  // the file leaves some to whoever runs it
};

Settings choose_settings(Random* random);
// Others, with which every bit of the results must be the same.
Settings change_settings(const Settings& settings, Random* random);

// Null where the delegate does not take them, as they make no sense.
bvit::tfl::Delegate* create_delegate(const Settings& settings);

}  // namespace fuzz
