// Whole numbers from a FlexBuffer map, the form in which custom operators keep their options. The
// bytes may come from anybody: nothing outside of them is read, whatever they say.
#pragma once

#include "base/libc.h"

namespace bvit {

class FlexMap {
 public:
  FlexMap(const void* data, size_t size);

  // The bytes are a map at all.
  bool valid() const { return valid_; }
  // Looks a key up. False where there is none, or its value is not a whole number within int32.
  bool integer(const char* key, int32_t* out) const;

 private:
  bool parse();
  uint64_t word(size_t at, size_t width) const;
  // Follows an offset that counts backwards from its own place.
  bool follow(size_t at, size_t width, size_t* target) const;
  bool has_key(size_t i, const char* key, size_t key_size) const;
  bool value(size_t i, int32_t* out) const;

  const uint8_t* data_;
  size_t size_;
  bool valid_ = false;
  size_t values_ = 0, width_ = 0, count_ = 0;  // of the map's values
  size_t keys_ = 0, key_width_ = 0;
};

}  // namespace bvit
