// Where a delegate's partitions spend their time, for larq_bvit_profile_json.
#pragma once

#include "base/libc.h"
#include "base/vec.h"

namespace bvit {

class PartitionProgram;

// The programs of a delegate's partitions. Delegate and kernels share it, as either may go first.
class ProfileRegistry {
 public:
  void hold() { __atomic_add_fetch(&holders_, 1, __ATOMIC_RELAXED); }
  static void release(ProfileRegistry* registry);  // deletes it after the last holder

  void add(const PartitionProgram* program);
  void remove(const PartitionProgram* program);
  // JSON as snprintf writes it: a list of {"name", "kind", "nanoseconds"}. Not while one runs.
  size_t write_json(char* text, size_t room);

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  Vec<const PartitionProgram*> programs_;
  int32_t holders_ = 1;
};

}  // namespace bvit
