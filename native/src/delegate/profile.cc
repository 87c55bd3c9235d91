#include "delegate/profile.h"

#include "base/object.h"
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
    snprintf(line, sizeof(line), "%s{\"name\": \"%s\", \"kind\": \"%s\", \"nanoseconds\": %llu}", rows++ ? ", " : "",
             name, kind, static_cast<unsigned long long>(nanoseconds));
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

void ProfileRegistry::release(ProfileRegistry* registry) {
  if (registry && __atomic_sub_fetch(&registry->holders_, 1, __ATOMIC_ACQ_REL) == 0) delete_object(registry);
}

void ProfileRegistry::add(ProfiledPartition* partition) {
  pthread_mutex_lock(&mutex_);
  partitions_.push(partition);
  pthread_mutex_unlock(&mutex_);
}

void ProfileRegistry::remove(ProfiledPartition* partition) {
  pthread_mutex_lock(&mutex_);
  size_t kept = 0;
  for (ProfiledPartition* p : partitions_)
    if (p != partition) partitions_[kept++] = p;
  partitions_.resize(kept);
  pthread_mutex_unlock(&mutex_);
}

size_t ProfileRegistry::write_json(char* text, size_t room) {
  Writer writer = {text, room};
  pthread_mutex_lock(&mutex_);
  writer.put("[");
  for (const ProfiledPartition* p : partitions_) {
    const size_t before = writer.rows;
    if (p->program) p->program->each_profile_row(write_row, &writer);
    if (writer.rows > before) continue;
    char name[64];
    snprintf(name, sizeof(name), "%zu nodes, op by op", p->nodes);
    writer.row(name, "operators", p->nanoseconds);
  }
  writer.put("]");
  pthread_mutex_unlock(&mutex_);
  return writer.length;
}

}  // namespace bvit
