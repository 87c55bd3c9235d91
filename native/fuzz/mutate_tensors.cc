#include "mutate_tensors.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#include "delegate/tfl_abi.h"

namespace fuzz {

namespace tfl = bvit::tfl;

int32_t interesting(Random* random, int32_t old) {
  static const int32_t kNumbers[] = {
      0,   1,   2,   3,    4,  5,  7,  8,   16,   31,    32,    33,      63,      64,      65,
      127, 128, 255, 256,  1023, -1, -2, -3,  -32,  4096,  65535, 65536,   1 << 20, 1 << 25,
      1 << 27, 1 << 30, INT_MAX, INT_MIN};
  const uint32_t wrapped = static_cast<uint32_t>(old);  // overflow is meant
  switch (random->below(6)) {
    case 0: return static_cast<int32_t>(wrapped + 1);
    case 1: return static_cast<int32_t>(wrapped - 1);
    case 2: return static_cast<int32_t>(wrapped * 2);
    case 3: return old / 2;
    default: return kNumbers[random->below(sizeof(kNumbers) / sizeof(*kNumbers))];
  }
}

int32_t small_size(Random* random, int32_t old) {
  return random->one_in(3) ? interesting(random, old) : 1 + static_cast<int32_t>(random->below(9));
}

void change_dim(Case* c, Random* random) {
  CaseTensor* t = random->any(&c->tensors);
  if (t == nullptr || t->dims.empty()) return;
  int32_t* dim = random->any(&t->dims);
  *dim = random->one_in(2) ? small_size(random, *dim) : interesting(random, *dim);
}

void change_rank(Case* c, Random* random) {
  CaseTensor* t = random->any(&c->tensors);
  if (t == nullptr) return;
  if (random->one_in(2) && !t->dims.empty()) {
    t->dims.erase(t->dims.begin() + random->below(t->dims.size()));
  } else {
    t->dims.insert(t->dims.begin() + random->below(t->dims.size() + 1),
                   random->one_in(2) ? 1 : small_size(random, 1));
  }
}

// Of what comes from outside, on which all other shapes depend; batches, sides and channels.
void change_input_shape(Case* c, Random* random) {
  const int32_t* input = random->any(&c->inputs);
  if (input == nullptr || *input < 0 || static_cast<size_t>(*input) >= c->tensors.size()) return;
  CaseTensor* t = &c->tensors[*input];
  if (int32_t* dim = random->any(&t->dims)) *dim = small_size(random, *dim);
}

void swap_shapes(Case* c, Random* random) {
  CaseTensor *a = random->any(&c->tensors), *b = random->any(&c->tensors);
  if (a != nullptr) a->dims.swap(b->dims);
}

void change_type(Case* c, Random* random) {
  static const int32_t kTypes[] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 17, 18, 99};
  CaseTensor* t = random->any(&c->tensors);
  if (t != nullptr) t->type = kTypes[random->below(sizeof(kTypes) / sizeof(*kTypes))];
}

void change_flags(Case* c, Random* random) {
  CaseTensor* t = random->any(&c->tensors);
  if (t == nullptr) return;
  switch (random->below(8)) {
    case 0: t->variable = !t->variable; break;
    case 1: t->sparse = !t->sparse; break;
    default: t->constant = !t->constant; break;
  }
}

void change_scale(Case* c, Random* random) {
  static const float kScales[] = {0, 1, -1, 1e-30f, 1e30f, INFINITY, NAN, 0.25f};
  CaseTensor* t = random->any(&c->tensors);
  if (t == nullptr) return;
  t->affine = !random->one_in(4);
  t->scale = kScales[random->below(8)];
  t->zero_point = interesting(random, t->zero_point);
}

// A number in a constant; those of few numbers are shapes, axes and sizes.
void change_constant(Case* c, Random* random) {
  static const float kFloats[] = {0, -0.0f, 1, -1, 1e-40f, 3e38f, INFINITY, NAN};
  CaseTensor* t = nullptr;
  for (int attempt = 0; attempt < 20; attempt++) {
    t = random->any(&c->tensors);
    if (t == nullptr) return;
    if (t->constant && t->data.size() >= 4 && (t->data.size() < 100 || random->one_in(4))) break;
  }
  if (!t->constant || t->data.size() < 4) return;
  uint8_t* at = t->data.data() + 4 * random->below(t->data.size() / 4);
  int32_t number;
  memcpy(&number, at, 4);
  if (t->type == tfl::kFloat32) {
    memcpy(at, &kFloats[random->below(8)], 4);
  } else {
    number = interesting(random, number);
    memcpy(at, &number, 4);
  }
}

}  // namespace fuzz
