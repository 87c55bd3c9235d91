#include "base/print.h"

namespace bvit {

void print_line(const char* line) {
  char text[514];
  size_t n = strlen(line);
  if (n > sizeof(text) - 1) n = sizeof(text) - 1;
  memcpy(text, line, n);
  text[n++] = '\n';  // in one write, so that lines of several threads stay whole
  if (write(2, text, n) < 0) return;  // nobody to tell
}

void print_format(Print print, const char* format, ...) {
  if (print == nullptr) return;
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  print(text);
}

}  // namespace bvit
