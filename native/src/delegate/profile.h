// Where a delegate's partitions spend their time, for larq_bvit_profile_json.
#pragma once

#include "base/libc.h"
#include "base/vec.h"

namespace bvit {

class PartitionProgram;

// A partition as profiles see it: its program changes when it is prepared anew.
struct ProfiledPartition {
  const PartitionProgram* program = nullptr;
  size_t nodes = 0;
  uint64_t nanoseconds = 0;  // of all its runs
};

// The partitions of a delegate. Delegate and kernels share it, as either may go first.
class ProfileRegistry {
 public:
  void hold() { __atomic_add_fetch(&holders_, 1, __ATOMIC_RELAXED); }
  static void release(ProfileRegistry* registry);  // deletes it after the last holder

  void add(ProfiledPartition* partition);
  void remove(ProfiledPartition* partition);
  // JSON as snprintf writes it: a list of {"name", "kind", "nanoseconds"}.
  size_t write_json(char* text, size_t room);

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  Vec<ProfiledPartition*> partitions_;
  int32_t holders_ = 1;
};

}  // namespace bvit
