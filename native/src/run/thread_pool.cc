#include "run/thread_pool.h"

#include "base/math.h"
#include "base/old_glibc.h"

namespace bvit {
namespace {

// Regions take tens of microseconds: waiting threads spin first, then let others run.
constexpr int kSpins = 20000;

inline void pause(int* spins) {
  if (++*spins > kSpins) {
    sched_yield();
    return;
  }
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

uint32_t read(const uint32_t* x) { return __atomic_load_n(x, __ATOMIC_ACQUIRE); }

}  // namespace

ThreadPool::ThreadPool(int threads) : threads_(1), wanted_(clamp(threads, 1, kMaxThreads)) {
  start();
  wanted_ = threads_;  // a child's are no more: what each of them needs is made by then
}

ThreadPool::~ThreadPool() {
  if (owner_ == static_cast<int>(getpid())) stop();
}

void ThreadPool::start() {
  owner_ = static_cast<int>(getpid());
  threads_ = 1;
  ends_ = false;
  running_ = arrived_ = 0;
  for (int i = 1; i < wanted_; i++) {
    workers_[i].pool = this;
    workers_[i].number = i;
    if (pthread_create(&workers_[i].thread, nullptr, main, &workers_[i]) != 0) break;
    threads_ = i + 1;
  }
}

void ThreadPool::stop() {
  pthread_mutex_lock(&mutex_);
  ends_ = true;
  __atomic_add_fetch(&round_, 1, __ATOMIC_RELEASE);
  pthread_cond_broadcast(&begin_);
  pthread_mutex_unlock(&mutex_);
  for (int i = 1; i < threads_; i++) pthread_join(workers_[i].thread, nullptr);
}

void* ThreadPool::main(void* worker) {
  const Worker& self = *static_cast<Worker*>(worker);
  ThreadPool& pool = *self.pool;
  uint32_t seen = 0;
  for (;;) {
    int spins = 0;
    while (read(&pool.round_) == seen && spins < kSpins) pause(&spins);
    pthread_mutex_lock(&pool.mutex_);
    while (read(&pool.round_) == seen) pthread_cond_wait(&pool.begin_, &pool.mutex_);
    pthread_mutex_unlock(&pool.mutex_);
    seen = read(&pool.round_);
    if (pool.ends_) return nullptr;
    pool.work_(pool.with_, self.number);
    __atomic_sub_fetch(&pool.running_, 1, __ATOMIC_RELEASE);
  }
}

void ThreadPool::run(void (*work)(void*, int), void* with) {
  if (wanted_ > 1 && owner_ != static_cast<int>(getpid())) {
    mutex_ = PTHREAD_MUTEX_INITIALIZER;
    begin_ = PTHREAD_COND_INITIALIZER;
    round_ = 0;
    start();
  }
  if (threads_ == 1) return work(with, 0);
  pthread_mutex_lock(&mutex_);
  work_ = work, with_ = with;
  running_ = static_cast<uint32_t>(threads_ - 1);
  __atomic_add_fetch(&round_, 1, __ATOMIC_RELEASE);
  pthread_cond_broadcast(&begin_);
  pthread_mutex_unlock(&mutex_);
  work(with, 0);
  int spins = 0;
  while (read(&running_) != 0) pause(&spins);
}

void ThreadPool::barrier() {
  if (threads_ == 1) return;
  const uint32_t phase = read(&phase_);
  if (__atomic_add_fetch(&arrived_, 1, __ATOMIC_ACQ_REL) == static_cast<uint32_t>(threads_)) {
    __atomic_store_n(&arrived_, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&phase_, phase + 1, __ATOMIC_RELEASE);
    return;
  }
  int spins = 0;
  while (read(&phase_) == phase) pause(&spins);
}

}  // namespace bvit
