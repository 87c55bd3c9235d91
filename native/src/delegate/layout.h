// Whether a runtime's structs lie as tfl_abi.h says.
#pragma once

#include "base/reason.h"
#include "delegate/tfl_abi.h"

namespace bvit {

// Compares what must hold in any graph that a runtime loaded: sizes and indices in range, and for
// constants the number of bytes that shape and type need, which the runtime itself has checked.
// Nothing is read through a pointer of a struct before its neighbours looked right.
bool check_layout(tfl::Context* context, Reason* reason);

// Bytes of an element; 0 for types without a fixed size.
size_t element_bytes(int32_t type_code);

}  // namespace bvit
