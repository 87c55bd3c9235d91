#include "delegate/program_registry.h"

#include "delegate/partition_program.h"

namespace bvit {
namespace {

// Text as far as there is room, and its whole length.
struct Writer {
  char* text;
  size_t room, length = 0, rows = 0;

  // Names and kinds are this library's own words: they hold nothing that JSON would escape.
  void row(const char* name, const char* kind, uint64_t nanoseconds) {
    char line[640];
    snprintf(line, sizeof(line), "%s{\"name\": \"%s\", \"kind\": \"%s\", \"nanoseconds\": %llu}",
             rows++ ? ", " : "", name, kind, static_cast<unsigned long long>(nanoseconds));
    put(line);
  }

  void put(const char* more) {
    for (; *more; more++, length++)
      if (text && length + 1 < room) text[length] = *more;
    if (text && room) text[length < room ? length : room - 1] = 0;
  }
};

void write_row(const char* name, const char* kind, uint64_t nanoseconds, void* writer) {
  static_cast<Writer*>(writer)->row(name, kind, nanoseconds);
}

}  // namespace

void ProgramRegistry::add(const PartitionProgram* program) {
  pthread_mutex_lock(&mutex_);
  programs_.push(program);
  pthread_mutex_unlock(&mutex_);
}

void ProgramRegistry::remove(const PartitionProgram* program) {
  pthread_mutex_lock(&mutex_);
  size_t kept = 0;
  for (const PartitionProgram* p : programs_)
    if (p != program) programs_[kept++] = p;
  programs_.resize(kept);
  pthread_mutex_unlock(&mutex_);
}

size_t ProgramRegistry::write_json(char* text, size_t room) {
  Writer writer = {text, room};
  pthread_mutex_lock(&mutex_);
  writer.put("[");
  for (const PartitionProgram* program : programs_) program->each_profile_row(write_row, &writer);
  writer.put("]");
  pthread_mutex_unlock(&mutex_);
  return writer.length;
}

size_t ProgramRegistry::activation_bytes() {
  size_t bytes = 0;
  pthread_mutex_lock(&mutex_);
  for (const PartitionProgram* program : programs_) bytes += program->activation_bytes();
  pthread_mutex_unlock(&mutex_);
  return bytes;
}

}  // namespace bvit
