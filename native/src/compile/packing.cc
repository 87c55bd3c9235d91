#include "compile/packing.h"

namespace bvit {
namespace {

int32_t at(Order order, int32_t position) { return order ? (*order)[position] : position; }

}  // namespace

const float* pack_channels(const Vec<float>& values, int32_t channels, float otherwise,
                           float padding, Order order, Constants* constants) {
  const int32_t padded = 32 * blocks_of(channels);
  float* out = constants->take_array<float>(padded);
  if (out == nullptr) return nullptr;
  for (int32_t p = 0; p < padded; p++)
    out[p] = p >= channels ? padding : values.empty() ? otherwise : values[at(order, p)];
  return out;
}

const uint32_t* pack_binary(const Item& item, int32_t words, Order outputs, Order inputs,
                            Constants* constants) {
  const int32_t k = item.geometry.taps() * words, blocks = blocks_of(item.channels);
  const uint32_t* filter = static_cast<const uint32_t*>(item.weights);
  uint32_t* out = constants->take_array<uint32_t>(static_cast<size_t>(blocks) * k * 32);
  if (out == nullptr) return nullptr;
  for (int32_t p = 0; p < item.channels; p++) {
    const uint32_t* row = filter + static_cast<int64_t>(at(outputs, p)) * k;
    uint32_t* to = out + static_cast<int64_t>(p / 32) * k * 32 + p % 32;
    for (int32_t w = 0; w < k; w++) {
      uint32_t word = row[w];
      if (inputs) {
        word = 0;
        for (int32_t b = 0; b < 32; b++) {
          const int32_t channel = (*inputs)[32 * w + b];
          word |= (row[channel / 32] >> (channel % 32) & 1) << b;
        }
      }
      to[w * 32] = word;
    }
  }
  return out;
}

const uint32_t* pack_float(const Item& item, int32_t inputs, bool in_memory_order, Order outputs,
                           Constants* constants) {
  const Geometry& g = item.geometry;
  const int32_t k = g.taps() * inputs;
  const bool turned = in_memory_order && g.reverse_w;
  const float* filter = static_cast<const float*>(item.weights);
  float* out = constants->take_array<float>(static_cast<size_t>(blocks_of(item.channels)) * k * 32);
  if (out == nullptr) return nullptr;
  for (int32_t p = 0; p < item.channels; p++) {
    const float* row = filter + static_cast<int64_t>(at(outputs, p)) * k;
    const float scale = item.scale.empty() ? 1 : item.scale[at(outputs, p)];
    for (int32_t i = 0; i < k; i++) {
      const int32_t tap = i / inputs, column = tap % g.kernel_w;
      const int32_t from = turned ? (tap - column + g.kernel_w - 1 - column) * inputs + i % inputs : i;
      out[(static_cast<int64_t>(p / 32) * k + i) * 32 + p % 32] = row[from] * scale;
    }
  }
  return reinterpret_cast<const uint32_t*>(out);
}

const float* pack_taps(const Item& item, Constants* constants) {
  const float* weights = item.own_weights.empty() ? static_cast<const float*>(item.weights) : item.own_weights.data();
  if (weights == nullptr) return nullptr;
  const int32_t taps = item.geometry.taps();
  float* out = constants->take_array<float>(static_cast<size_t>(blocks_of(item.channels)) * taps * 32);
  if (out == nullptr) return nullptr;
  for (int32_t t = 0; t < taps; t++)
    for (int32_t c = 0; c < item.channels; c++)
      out[(static_cast<int64_t>(c / 32) * taps + t) * 32 + c % 32] = weights[static_cast<int64_t>(t) * item.channels + c];
  return out;
}

}  // namespace bvit
