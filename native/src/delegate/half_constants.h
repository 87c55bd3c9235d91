// Constants that the file stores as float16, each behind a DEQUANTIZE: here they are constants of
// float32. These nodes stay with the runtime, which runs them once.
#pragma once

#include "delegate/raw_node.h"

namespace bvit {

struct HalfConstant {
  int32_t tensor, half;  // the float32 tensor, and the constant that it is made of
};

// Those among the nodes.
Vec<HalfConstant> find_half_constants(const tfl::Context* context, const Vec<RawNode>& nodes);

// Those of the plan so far, while delegates are applied.
Vec<HalfConstant> find_half_constants(tfl::Context* context);

}  // namespace bvit
