#include "numbers.h"

#include <math.h>
#include <string.h>

namespace fuzz {

namespace tfl = bvit::tfl;

namespace {

void fill(tfl::Tensor* t, Random* random) {
  static const float kFloats[] = {0, -0.0f, 1, -1, 1e-40f, 3e38f, INFINITY, -INFINITY, NAN};
  const bool odd = random->one_in(4);
  uint8_t* bytes = static_cast<uint8_t*>(t->data);
  for (size_t i = 0; i < t->bytes / 4; i++) {
    float value = static_cast<float>(static_cast<int32_t>(random->next())) * 0x1p-30f;
    if (odd && random->one_in(8)) value = kFloats[random->below(9)];
    const uint32_t word = static_cast<uint32_t>(random->next());
    memcpy(bytes + 4 * i, t->type == tfl::kFloat32 ? static_cast<const void*>(&value) : &word, 4);
  }
  for (size_t i = t->bytes / 4 * 4; i < t->bytes; i++)
    bytes[i] = static_cast<uint8_t>(random->next());
  if (t->type == tfl::kBool)
    for (size_t i = 0; i < t->bytes; i++) bytes[i] &= 1;
}

}  // namespace

void fill_with_numbers(std::vector<tfl::Tensor>* tensors, Random* random) {
  for (tfl::Tensor& t : *tensors)
    if (t.allocation_type != tfl::kMmapRo && t.data != nullptr) fill(&t, random);
}

void append_numbers(const tfl::Tensor& t, std::vector<uint8_t>* bytes) {
  const size_t begin = bytes->size();
  const uint8_t* data = static_cast<const uint8_t*>(t.data);
  bytes->insert(bytes->end(), data, data + t.bytes);
  if (t.type != tfl::kFloat32) return;
  for (size_t i = begin; i + 4 <= bytes->size(); i += 4) {
    float value;
    memcpy(&value, bytes->data() + i, 4);
    if (isnan(value)) memset(bytes->data() + i, 0xff, 4);
  }
}

}  // namespace fuzz
