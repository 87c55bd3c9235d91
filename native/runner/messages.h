// What the runtime says while it fails.
#pragma once

#include "base/libc.h"

namespace bvit {

// For TfLiteInterpreterOptionsSetErrorReporter.
void keep_message(void* user_data, const char* format, va_list arguments);

// All of them in a line; says where to look when there is none.
const char* messages();

// The custom operator that is told of as unresolved; false where none is.
bool unresolved_operator(char* name, size_t room);

}  // namespace bvit
