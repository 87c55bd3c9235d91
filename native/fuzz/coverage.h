// Which code of the delegate has run, and how often: that tells a new kind of graph from a known
// one.
#pragma once

#include <stddef.h>

namespace fuzz {

// Forgets what the last run has touched.
void begin_coverage();

// How much of what has run since `begin_coverage` no earlier run had.
size_t new_coverage();

// All that has ever run.
size_t all_coverage();

// Its addresses, relative to the program's start, a line each: see unreached.py. False if it can't.
bool write_coverage(const char* path);

}  // namespace fuzz
