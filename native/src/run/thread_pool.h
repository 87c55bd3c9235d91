// A few threads that run the same function at the same time, over and over.
#pragma once

#include "base/libc.h"

namespace bvit {

class ThreadPool {
 public:
  // `threads` in all, the caller's own among them. Fewer where the system gives no more.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return threads_; }

  // Runs `work(with, thread)` on every thread, and returns when all are through. After a fork the
  // child has none of the threads: it makes its own at its first call.
  void run(void (*work)(void* with, int thread), void* with);

  // Inside of `work`: waits until all threads are here.
  void barrier();

  static constexpr int kMaxThreads = 64;

 private:
  struct Worker {
    ThreadPool* pool;
    int number;
    pthread_t thread;
  };
  static void* main(void* worker);
  void start();
  void stop();

  int threads_, wanted_;
  int owner_ = 0;               // process that the threads belong to
  Worker workers_[kMaxThreads];
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t begin_ = PTHREAD_COND_INITIALIZER;
  void (*work_)(void*, int) = nullptr;
  void* with_ = nullptr;
  uint32_t round_ = 0;          // counts calls of `run`
  uint32_t running_ = 0;        // workers that have not finished this round
  bool ends_ = false;
  uint32_t arrived_ = 0, phase_ = 0;  // of the barrier
};

}  // namespace bvit
