#include "delegate/thread_pools.h"

#include "base/object.h"

namespace bvit {

ThreadPool* ThreadPools::take(const tfl::Context* context, int threads) {
  pthread_mutex_lock(&mutex_);
  Shared* found = nullptr;
  for (Shared& shared : pools_)
    if (shared.context == context && shared.threads == threads) found = &shared;
  if (found == nullptr) {
    ThreadPool* pool = create_object<ThreadPool>(threads);
    if (pool) {
      pools_.push({context, threads, 0, pool});
      found = &pools_.back();
    }
  }
  if (found) found->holders++;
  pthread_mutex_unlock(&mutex_);
  return found ? found->pool : nullptr;
}

void ThreadPools::give_back(const ThreadPool* pool) {
  pthread_mutex_lock(&mutex_);
  size_t kept = 0;
  for (Shared& shared : pools_) {
    if (shared.pool == pool && --shared.holders == 0) {
      delete_object(shared.pool);
    } else {
      pools_[kept++] = shared;
    }
  }
  pools_.resize(kept);
  pthread_mutex_unlock(&mutex_);
}

}  // namespace bvit
