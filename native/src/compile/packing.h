// Parameters and weights in the order in which tiles read them: blocks of 32 channels, padded.
#pragma once

#include "compile/constants.h"
#include "compile/net.h"

namespace bvit {

// position -> channel, or null for channels in order.
typedef const Vec<int32_t>* Order;

inline int32_t blocks_of(int32_t channels) { return (channels + 31) / 32; }

// One number per channel; `otherwise` where `values` is empty, `padding` behind the last channel.
const float* pack_channels(const Vec<float>& values, int32_t channels, float otherwise,
                           float padding, Order order, Constants* constants);

// Binary filters [outputs][taps][words] as [blocks][taps * words][32]; `inputs` orders the bits of
// pointwise filters.
const uint32_t* pack_binary(const Item& item, int32_t words, Order outputs, Order inputs,
                            Constants* constants);

// Float filters [outputs][taps * inputs] as [blocks][taps * inputs][32]; `in_memory_order`: taps of a
// kernel's row in the order in which the map holds what they read.
const uint32_t* pack_float(const Item& item, int32_t inputs, bool in_memory_order, Order outputs,
                           Constants* constants);

// Weights of taps [taps][channels] as [blocks][taps][32]; null for plain sums.
const float* pack_taps(const Item& item, Constants* constants);

}  // namespace bvit
