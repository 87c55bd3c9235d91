// Files, Linux's numbers on this process, and time.
#pragma once

#include "base/libc.h"

namespace bvit {

// The file's first bytes, as far as there are any: how many were read. Ends the program, saying what
// the file was to be, where it can't be read.
size_t read_start(const char* what, const char* path, void* to, size_t bytes);

void write_file(const char* path, const void* from, size_t bytes);

// Of standard output, in as many writes as it takes.
void write_output(const void* from, size_t bytes);

// A line of /proc/self/status in KiB, such as "VmRSS"; negative where there is none.
int64_t status_kib(const char* name);

// From here on VmHWM counts anew, where the system allows it.
void reset_peak();

int64_t now_ns();

}  // namespace bvit
