// Text that grows, for JSON.
#pragma once

#include "base/vec.h"

namespace bvit {

class Text {
 public:
  void add(const char* text) { add_bytes(text, strlen(text)); }
  void add_bytes(const char* text, size_t bytes);
  __attribute__((format(printf, 2, 3))) void add_format(const char* format, ...);

  // A JSON string in ASCII alone, whatever the bytes: what is no UTF-8 becomes U+FFFD.
  void add_json(const char* text);

  const char* data() const { return bytes_.data(); }
  size_t size() const { return bytes_.size(); }

 private:
  void add_unit(uint32_t unit) { add_format("\\u%04x", static_cast<unsigned>(unit)); }
  void add_code_point(uint32_t code);

  Vec<char> bytes_;
};

}  // namespace bvit
