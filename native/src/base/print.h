// Lines for people. The library keeps no stream of its own: whoever prints passes a function on.
#pragma once

#include "base/libc.h"

namespace bvit {

using Print = void (*)(const char* line);

// To standard error, with a newline, by the system call alone.
void print_line(const char* line);

// A formatted line of at most 511 characters; nothing where `print` is null.
__attribute__((format(printf, 2, 3))) void print_format(Print print, const char* format, ...);

}  // namespace bvit
