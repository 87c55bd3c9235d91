// The threads of a delegate's partitions: those of one context (an interpreter's graph) run one after
// the other, and share them.
#pragma once

#include "base/libc.h"
#include "base/vec.h"
#include "delegate/tfl_abi.h"
#include "run/thread_pool.h"

namespace bvit {

class ThreadPools {
 public:
  // The context's pool of so many threads, until it is given back by all; null where memory ends.
  ThreadPool* take(const tfl::Context* context, int threads);
  void give_back(const ThreadPool* pool);  // or null

 private:
  struct Shared {
    const tfl::Context* context;
    int threads, holders;
    ThreadPool* pool;
  };

  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  Vec<Shared> pools_;
};

}  // namespace bvit
