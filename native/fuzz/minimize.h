// Makes a graph that fails smaller, and says in words what is left.
#pragma once

#include "graph_case.h"

namespace fuzz {

// Takes away what the failure does not need; each attempt runs in a process of its own.
void minimize(Case* c);

// Nodes and tensors, a line each, to standard output.
void print_case(const Case& c);

}  // namespace fuzz
