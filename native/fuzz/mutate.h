// Changes a graph in ways that a file could: sizes, types, constants, options, wires, operators.
#pragma once

#include "graph_case.h"
#include "random.h"

namespace fuzz {

// A few random changes. What a runtime guarantees is mended afterwards, or the file would not load.
void mutate(Case* c, Random* random);

}  // namespace fuzz
