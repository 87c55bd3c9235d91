#include "runner/tensors.h"

#include "runner/fail.h"

namespace bvit {
namespace {

constexpr struct {
  tfl::TypeCode code;
  const char* name;
} kTypes[] = {{tfl::kFloat32, "float32"}, {tfl::kFloat16, "float16"}, {tfl::kFloat64, "float64"},
              {tfl::kUint8, "uint8"},     {tfl::kInt8, "int8"},       {tfl::kInt4, "int4"},
              {tfl::kUint16, "uint16"},   {tfl::kInt16, "int16"},     {tfl::kUint32, "uint32"},
              {tfl::kInt32, "int32"},     {tfl::kInt64, "int64"},     {tfl::kBool, "bool"},
              {tfl::kString, "string"}};

const char* name_of_type(int32_t code) {
  for (const auto& type : kTypes)
    if (type.code == code) return type.name;
  return "unknown";
}

// Numbers without a pattern that kernels could profit from (xorshift, Marsaglia 2003).
class Random {
 public:
  uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 17;
    state_ ^= state_ << 5;
    return state_;
  }

 private:
  uint32_t state_ = 0x9e3779b9;
};

// `make` of 32 random bits.
template <class T, class Make>
void fill(void* to, size_t bytes, Make make) {
  Random random;
  for (size_t i = 0; i < bytes / sizeof(T); i++) {
    const T number = make(random.next());
    memcpy(static_cast<char*>(to) + i * sizeof(T), &number, sizeof(T));
  }
}

// From -1 to 1.
template <class T>
T fraction(uint32_t bits) {
  return static_cast<T>(bits >> 8) / (1 << 23) - 1;
}

// 0.5 to 1, or -1 to -0.5.
uint16_t half(uint32_t bits) {
  return static_cast<uint16_t>((bits >> 16 & 0x8000) | 0x3800 | (bits >> 8 & 0x3ff));
}

template <class T>
T any(uint32_t bits) {
  return static_cast<T>(bits >> 8);
}

template <class T>
T zero_or_one(uint32_t bits) {
  return static_cast<T>(bits >> 31);
}

const char* name_of(const TfLite& lite, const TfLiteTensor* tensor) {
  const char* name = lite.TensorName(tensor);
  return name ? name : "";
}

}  // namespace

void describe_tensor(const TfLite& lite, const TfLiteTensor* tensor, Text* json) {
  json->add("{\"name\": ");
  json->add_json(name_of(lite, tensor));
  json->add_format(", \"type\": \"%s\", \"shape\": [", name_of_type(lite.TensorType(tensor)));
  for (int32_t i = 0; i < lite.TensorNumDims(tensor); i++)
    json->add_format("%s%d", i ? ", " : "", static_cast<int>(lite.TensorDim(tensor, i)));
  json->add("]}");
}

void fill_pattern(const TfLite& lite, const TfLiteTensor* tensor, void* to) {
  const size_t bytes = lite.TensorByteSize(tensor);
  const int32_t type = lite.TensorType(tensor);
  switch (type) {
    case tfl::kFloat32: return fill<float>(to, bytes, fraction<float>);
    case tfl::kFloat64: return fill<double>(to, bytes, fraction<double>);
    case tfl::kFloat16: return fill<uint16_t>(to, bytes, half);
    case tfl::kUint8:
    case tfl::kInt8:
    case tfl::kInt4: return fill<uint8_t>(to, bytes, any<uint8_t>);
    case tfl::kUint16:
    case tfl::kInt16: return fill<uint16_t>(to, bytes, any<uint16_t>);
    case tfl::kUint32:
    case tfl::kInt32: return fill<uint32_t>(to, bytes, zero_or_one<uint32_t>);
    case tfl::kInt64: return fill<uint64_t>(to, bytes, zero_or_one<uint64_t>);
    case tfl::kBool: return fill<uint8_t>(to, bytes, zero_or_one<uint8_t>);
    default:
      fail("expected inputs of numbers; got input '%s' of type %s (%d)", name_of(lite, tensor),
           name_of_type(type), static_cast<int>(type));
  }
}

}  // namespace bvit
