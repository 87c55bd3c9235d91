// What tensors hold while a graph runs.
#pragma once

#include <vector>

#include "delegate/tfl_abi.h"
#include "random.h"

namespace fuzz {

// All that is no constant. Some tensors get floats of every odd kind.
void fill_with_numbers(std::vector<bvit::tfl::Tensor>* tensors, Random* random);

// A tensor's bytes, to be compared: every NaN is the same.
void append_numbers(const bvit::tfl::Tensor& tensor, std::vector<uint8_t>* bytes);

}  // namespace fuzz
