// The programs of a delegate's partitions: what larq_bvit_profile_json and
// larq_bvit_activation_bytes tell of them.
#pragma once

#include "base/libc.h"
#include "base/vec.h"

namespace bvit {

class PartitionProgram;

class ProgramRegistry {
 public:
  void add(const PartitionProgram* program);
  void remove(const PartitionProgram* program);
  // JSON as snprintf writes it: a list of {"name", "kind", "nanoseconds"}, of programs that count
  // their time. Not while one runs.
  size_t write_json(char* text, size_t room);
  // Of all programs.
  size_t activation_bytes();

 private:
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  Vec<const PartitionProgram*> programs_;
};

}  // namespace bvit
