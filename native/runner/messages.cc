#include "runner/messages.h"

#include "runner/libc.h"

namespace bvit {
namespace {

// The first ones, a line each.
char kept[4096];
size_t length = 0;

}  // namespace

void keep_message(void*, const char* format, va_list arguments) {
  const size_t room = sizeof(kept) - 1 - length;  // for a newline
  if (room < 2) return;
  const int n = vsnprintf(kept + length, room, format, arguments);
  if (n < 0) return;
  length += static_cast<size_t>(n) < room ? static_cast<size_t>(n) : room - 1;
  kept[length++] = '\n';
  kept[length] = 0;
}

const char* messages() {
  static char line[2 * sizeof(kept)];
  size_t n = 0;
  for (size_t i = 0; i < length; i++) {
    if (kept[i] != '\n') {
      line[n++] = kept[i];
    } else if (n && kept[i - 1] != '\n') {  // no empty lines
      line[n++] = ';', line[n++] = ' ';
    }
  }
  line[n < 2 ? 0 : n - 2] = 0;  // the last line ends, too
  return line[0] ? line : "it gives no reason but what it may have printed above";
}

bool unresolved_operator(char* name, size_t room) {
  constexpr char kBefore[] = "unresolved custom op: ";
  const char* text = strstr(kept, kBefore);
  if (text == nullptr) return false;
  text += sizeof(kBefore) - 1;
  size_t n = 0;
  while (n + 1 < room && text[n] && text[n] != '\n') n++;
  memcpy(name, text, n);
  if (n && name[n - 1] == '.') n--;  // the sentence's
  name[n] = 0;
  return true;
}

}  // namespace bvit
