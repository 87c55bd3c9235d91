// An external delegate, made by its library, and what ours tells of itself.
#pragma once

#include "delegate/tfl_abi.h"
#include "runner/arguments.h"
#include "runner/text.h"

namespace bvit {

class DelegateLibrary {
 public:
  // Loads what --delegate names; nothing without it. Ends the program where that is no delegate, or
  // one without profile for --profile.
  explicit DelegateLibrary(const Arguments& arguments);

  // Null without --delegate. Ends the program where an option is refused.
  tfl::Delegate* create();
  void destroy(tfl::Delegate* delegate);

  // Negative where it does not tell.
  int64_t activation_bytes(const tfl::Delegate* delegate) const;

  // Time of each step up to now, as JSON, with a zero at the end; nothing without --profile.
  Vec<char> read_profile(tfl::Delegate* delegate) const;

 private:
  const Arguments& arguments_;
  tfl::Delegate* (*create_)(const char* const* keys, const char* const* values, size_t count,
                            void (*report_error)(const char*)) = nullptr;
  void (*destroy_)(tfl::Delegate*) = nullptr;
  size_t (*activation_bytes_)(const tfl::Delegate*) = nullptr;
  size_t (*profile_json_)(tfl::Delegate*, char* text, size_t room) = nullptr;
};

// The profile `after`, less the times of `before`; false where the two do not have the same steps.
bool subtract_profile(const char* before, const char* after, Text* difference);

}  // namespace bvit
