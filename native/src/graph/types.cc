#include "graph/types.h"

namespace bvit {

const char* name_of(Type type) {
  static const char* const kNames[] = {"float32", "float16", "int8", "uint8",
                                       "int32",   "int64",   "bool", "another type"};
  static_assert(sizeof(kNames) / sizeof(kNames[0]) == static_cast<size_t>(Type::kOther) + 1,
                "one name per type");
  return kNames[static_cast<int>(type)];
}

size_t size_of(Type type) {
  switch (type) {
    case Type::kInt64: return 8;
    case Type::kFloat32:
    case Type::kInt32: return 4;
    case Type::kFloat16: return 2;
    case Type::kInt8:
    case Type::kUint8:
    case Type::kBool: return 1;
    default: return 0;
  }
}

void describe_value(Type type, const Shape& shape, char (&text)[kValueText]) {
  // 6 numbers of 11 characters at most, separated, behind a name of 12
  size_t n = static_cast<size_t>(snprintf(text, kValueText, "%s (", name_of(type)));
  for (int i = 0; i < shape.rank; i++)
    n += static_cast<size_t>(snprintf(text + n, kValueText - n, i ? ", %d" : "%d", shape.dim[i]));
  snprintf(text + n, kValueText - n, ")");
}

bool is_sane(const Shape& shape) {
  int64_t product = 1;
  for (int i = 0; i < shape.rank; i++) {
    if (shape.dim[i] < 0) return false;
    if (shape.dim[i] > 0) product *= shape.dim[i];
    if (product > INT32_MAX) return false;
  }
  return true;
}

bool is_layout(Op op) {
  switch (op) {
    case Op::kReshape:
    case Op::kExpandDims:
    case Op::kSqueeze:
    case Op::kTranspose:
    case Op::kSplit:
    case Op::kUnpack:
    case Op::kSlice:
    case Op::kStridedSlice: return true;
    default: return false;
  }
}

}  // namespace bvit
