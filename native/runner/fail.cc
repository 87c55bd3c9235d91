#include "runner/fail.h"

#include "runner/libc.h"

namespace bvit {
namespace {

constexpr int kStatus = 2;  // no benchmark that ran ends so

struct Line {
  char text[8192];
};

size_t start_line(Line* line, const char* format, va_list arguments) {
  // room for a newline
  const size_t room = sizeof(line->text) - 1;
  size_t n = static_cast<size_t>(snprintf(line->text, room, "larq_bvit_runner: "));
  const int more = vsnprintf(line->text + n, room - n, format, arguments);
  if (more > 0) n += static_cast<size_t>(more);
  return n < room ? n : room - 1;
}

}  // namespace

void fail(const char* format, ...) {
  Line line;
  va_list arguments;
  va_start(arguments, format);
  size_t n = start_line(&line, format, arguments);
  va_end(arguments);
  line.text[n++] = '\n';
  if (write(2, line.text, n) < 0) _exit(kStatus);  // nobody to tell
  _exit(kStatus);  // without the destructors of libraries that are half set up
}

void fail_by_system(const char* format, ...) {
  Line line;
  va_list arguments;
  va_start(arguments, format);
  start_line(&line, format, arguments);
  va_end(arguments);
  perror(line.text);
  _exit(kStatus);
}

}  // namespace bvit
