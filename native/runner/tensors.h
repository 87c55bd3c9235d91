// Inputs and outputs: what they are, and numbers for them.
#pragma once

#include "runner/text.h"
#include "runner/tflite.h"

namespace bvit {

// Adds {"name": ..., "type": "float32", "shape": [...]}.
void describe_tensor(const TfLite& lite, const TfLiteTensor* tensor, Text* json);

// The same numbers at each call: floats from -1 to 1, all that 8 and 16 bits can be, and of wider
// integers, which may be indices, 0 and 1. Ends the program where the type is none of numbers.
void fill_pattern(const TfLite& lite, const TfLiteTensor* tensor, void* to);

}  // namespace bvit
