#include "runner/files.h"

#include "runner/fail.h"
#include "runner/libc.h"

namespace bvit {
namespace {

// As many bytes as there are, up to `bytes`; negative after an error.
ssize_t read_all(int file, char* to, size_t bytes) {
  size_t n = 0;
  while (n < bytes) {
    const ssize_t more = read(file, to + n, bytes - n);
    if (more < 0) return -1;
    if (more == 0) break;
    n += static_cast<size_t>(more);
  }
  return static_cast<ssize_t>(n);
}

bool write_all(int file, const void* from, size_t bytes) {
  const char* p = static_cast<const char*>(from);
  while (bytes > 0) {
    const ssize_t n = write(file, p, bytes);
    if (n < 0) return false;
    p += n, bytes -= static_cast<size_t>(n);
  }
  return true;
}

}  // namespace

size_t read_start(const char* what, const char* path, void* to, size_t bytes) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t n = file < 0 ? -1 : read_all(file, static_cast<char*>(to), bytes);
  if (n < 0) fail_by_system("expected %s; got %s", what, path);
  close(file);
  return static_cast<size_t>(n);
}

void write_file(const char* path, const void* from, size_t bytes) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0 || !write_all(file, from, bytes) || close(file) != 0)
    fail_by_system("expected to write %zu bytes to %s", bytes, path);
}

void write_output(const void* from, size_t bytes) {
  if (!write_all(1, from, bytes)) fail_by_system("expected to write to standard output");
}

int64_t status_kib(const char* name) {
  char text[4096];
  const int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (file < 0) return -1;
  const ssize_t n = read_all(file, text, sizeof(text) - 1);
  close(file);
  text[n < 0 ? 0 : n] = 0;
  const char* line = strstr(text, name);
  if (line == nullptr) return -1;
  while (*line && *line != '\n' && (*line < '0' || *line > '9')) line++;
  if (*line < '0' || *line > '9') return -1;
  int64_t kib = 0;
  for (; *line >= '0' && *line <= '9'; line++) kib = 10 * kib + (*line - '0');
  return kib;
}

void reset_peak() {
  const int file = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  write_all(file, "5", 1);  // "the peak of resident memory", by proc(5)
  close(file);
}

int64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1000000000 + t.tv_nsec;
}

}  // namespace bvit
