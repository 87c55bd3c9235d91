// A FlexBuffer, from its end: the width of the root (a byte), its type (a byte), the root itself.
// The root of a map is an offset back to its values; before these stand the offset of the keys, the
// keys' width and the count; behind them one byte of type per value.
#include "delegate/flexbuffer.h"

namespace bvit {
namespace {

enum : uint8_t { kInt = 1, kUint = 2, kMap = 9, kBoolean = 26 };

bool is_width(uint64_t width) { return width == 1 || width == 2 || width == 4 || width == 8; }

}  // namespace

FlexMap::FlexMap(const void* data, size_t size)
    : data_(static_cast<const uint8_t*>(data)), size_(data ? size : 0) {
  valid_ = parse();
}

// Little-endian, as all of FlexBuffers; the caller has checked that it lies inside.
uint64_t FlexMap::word(size_t at, size_t width) const {
  uint64_t value = 0;
  for (size_t i = 0; i < width; i++) value |= static_cast<uint64_t>(data_[at + i]) << (8 * i);
  return value;
}

bool FlexMap::follow(size_t at, size_t width, size_t* target) const {
  const uint64_t offset = word(at, width);
  if (offset > at) return false;
  *target = at - static_cast<size_t>(offset);
  return true;
}

bool FlexMap::parse() {
  if (size_ < 3) return false;
  const size_t root_width = data_[size_ - 1], type = data_[size_ - 2];
  if (!is_width(root_width) || type >> 2 != kMap || size_ < 2 + root_width) return false;
  width_ = size_t{1} << (type & 3);
  if (!follow(size_ - 2 - root_width, root_width, &values_) || values_ < 3 * width_) return false;
  const uint64_t count = word(values_ - width_, width_);
  const uint64_t key_width = word(values_ - 2 * width_, width_);
  if (!is_width(key_width) || !follow(values_ - 3 * width_, width_, &keys_)) return false;
  key_width_ = static_cast<size_t>(key_width);
  if (count > size_) return false;
  count_ = static_cast<size_t>(count);
  return count_ <= (size_ - values_) / (width_ + 1) && count_ <= (size_ - keys_) / key_width_;
}

bool FlexMap::has_key(size_t i, const char* key, size_t key_size) const {
  size_t at;
  if (!follow(keys_ + i * key_width_, key_width_, &at)) return false;
  return key_size <= size_ - at && memcmp(data_ + at, key, key_size) == 0;
}

bool FlexMap::value(size_t i, int32_t* out) const {
  const uint8_t type = data_[values_ + count_ * width_ + i] >> 2;
  const uint64_t bits = word(values_ + i * width_, width_);
  if (type == kUint || type == kBoolean) {
    if (bits > INT32_MAX) return false;
    *out = static_cast<int32_t>(bits);
    return true;
  }
  if (type != kInt) return false;
  const unsigned unused = static_cast<unsigned>(64 - 8 * width_);
  const int64_t number = static_cast<int64_t>(bits << unused) >> unused;  // extends the sign
  if (number < INT32_MIN || number > INT32_MAX) return false;
  *out = static_cast<int32_t>(number);
  return true;
}

bool FlexMap::integer(const char* key, int32_t* out) const {
  if (!valid_) return false;
  const size_t key_size = strlen(key) + 1;  // with its end, which the buffer keeps too
  for (size_t i = 0; i < count_; i++)
    if (has_key(i, key, key_size)) return value(i, out);
  return false;
}

}  // namespace bvit
