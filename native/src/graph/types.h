// Facts about types and shapes.
#pragma once

#include "graph/graph.h"

namespace bvit {

const char* name_of(Type type);

// Bytes of one number; 0 for kOther.
size_t size_of(Type type);

// All dimensions at least 0, and the product of those that are not 0 below 2^31.
bool is_sane(const Shape& shape);

// Bytes of a whole tensor of a sane shape.
inline size_t bytes_of(Type type, const Shape& shape) {
  return static_cast<size_t>(shape.elements()) * size_of(type);
}

// "float32 (1, 14, 14, 64)"
constexpr size_t kValueText = 96;
void describe_value(Type type, const Shape& shape, char (&text)[kValueText]);

// Operators that say where numbers stand, and change none.
bool is_layout(Op op);

}  // namespace bvit
