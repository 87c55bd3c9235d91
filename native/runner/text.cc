#include "runner/text.h"

namespace bvit {
namespace {

constexpr uint32_t kNoCharacter = 0xfffd;

// The character that `*text` begins with; moves on behind it, by one byte where it is no UTF-8.
uint32_t next_character(const unsigned char** text) {
  const unsigned char* p = *text;
  *text = p + 1;
  if (p[0] < 0x80) return p[0];
  const int more = p[0] >= 0xf0 ? 3 : p[0] >= 0xe0 ? 2 : 1;
  if (p[0] < 0xc2 || p[0] > 0xf4) return kNoCharacter;
  uint32_t code = p[0] & (0x3f >> more);
  for (int i = 1; i <= more; i++) {
    if ((p[i] & 0xc0) != 0x80) return kNoCharacter;  // the end of the text is none, too
    code = code << 6 | (p[i] & 0x3f);
  }
  constexpr uint32_t kLeast[] = {0, 0x80, 0x800, 0x10000};
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  if (code < kLeast[more] || code > 0x10ffff || surrogate) return kNoCharacter;
  *text = p + 1 + more;
  return code;
}

}  // namespace

void Text::add_bytes(const char* text, size_t bytes) {
  for (size_t i = 0; i < bytes; i++) bytes_.push(text[i]);
}

void Text::add_format(const char* format, ...) {
  char text[128];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  add(text);
}

void Text::add_code_point(uint32_t code) {
  if (code < 0x10000) return add_unit(code);
  code -= 0x10000;
  add_unit(0xd800 + (code >> 10));
  add_unit(0xdc00 + (code & 0x3ff));
}

void Text::add_json(const char* text) {
  bytes_.push('"');
  for (auto* p = reinterpret_cast<const unsigned char*>(text); *p;) {
    const uint32_t code = next_character(&p);
    if (code < 0x20 || code > 0x7e) {
      add_code_point(code);
    } else {
      if (code == '"' || code == '\\') bytes_.push('\\');
      bytes_.push(static_cast<char>(code));
    }
  }
  bytes_.push('"');
}

}  // namespace bvit
