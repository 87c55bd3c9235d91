// Why something did not work, in words; short enough to live on the stack.
#pragma once

#include "base/libc.h"

namespace bvit {

struct Reason {
  char text[160] = {};

  // Always false, so that a check can say `return reason->set(...)`.
  __attribute__((format(printf, 2, 3))) bool set(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    return false;
  }
};

}  // namespace bvit
