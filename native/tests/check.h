// What kernel tests share: checks that count failures, random words, buffers that end at a page that
// nobody may touch, and the account of which instruction sets a test has covered.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernels/isa_list.h"
#include "kernels/kernels.h"

namespace bvit {
namespace test {

inline int failures = 0;

// CHECK(condition, "printf format", values...): says where and with which sizes it failed.
#define CHECK(condition, ...)                                          \
  do {                                                                 \
    if (!(condition) && ++bvit::test::failures <= 20) {                \
      fprintf(stderr, "%s:%d: %s: ", __FILE__, __LINE__, #condition);  \
      fprintf(stderr, __VA_ARGS__);                                    \
      fputc('\n', stderr);                                             \
    }                                                                  \
  } while (0)

// xorshift64*: the same numbers on every machine.
class Random {
 public:
  uint32_t word() {
    state_ ^= state_ >> 12, state_ ^= state_ << 25, state_ ^= state_ >> 27;
    return static_cast<uint32_t>((state_ * 0x2545f4914f6cdd1dull) >> 32);
  }
  float number() { return static_cast<float>(static_cast<int32_t>(word())) * 0x1p-31f; }

 private:
  uint64_t state_ = 0x9e3779b97f4a7c15ull;
};

// `count` elements right before a forbidden page, so that reading or writing one too far crashes,
// whatever instruction does it; in front of them a zone that must not change. Their address is
// aligned to an element, and to no more wherever count is odd.
template <class T>
class Guarded {
 public:
  explicit Guarded(size_t count) : count_(count) {
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t body = (count * sizeof(T) + kZone + page - 1) / page * page;
    mapped_ = body + page;
    base_ = static_cast<uint8_t*>(
        mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base_ == MAP_FAILED || mprotect(base_ + body, page, PROT_NONE) != 0) abort();
    zone_ = base_ + body - count * sizeof(T) - kZone;
    memset(zone_, kPattern, kZone + count * sizeof(T));
  }
  ~Guarded() {
    for (size_t i = 0; i < kZone; i++)
      CHECK(zone_[i] == kPattern, "byte %zu in front of a buffer of %zu was written", i, count_);
    munmap(base_, mapped_);
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;

  T* data() { return reinterpret_cast<T*>(zone_ + kZone); }
  T& operator[](size_t i) { return data()[i]; }
  size_t size() const { return count_; }
  void fill(Random* random) {
    for (size_t i = 0; i < count_; i++) data()[i] = static_cast<T>(random->word());
  }

 private:
  static constexpr size_t kZone = 256;
  static constexpr uint8_t kPattern = 0xa5;
  size_t count_, mapped_;
  uint8_t *base_, *zone_;
};

// What the processor has by the compiler's own account, to hold isa/cpu.h against.
inline bool processor_has(const char* isa) {
  if (strcmp(isa, "portable") == 0) return true;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (strcmp(isa, "avx2") == 0) return avx2;
  if (strcmp(isa, "avx512") == 0)
    return avx2 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vpopcntdq");
#elif defined(__aarch64__)
  if (strcmp(isa, "neon") == 0) return true;
#endif
  return false;
}

// The names that `cover` was called with.
inline char covered[256] = " ";

inline void cover(const char* isa) {
  char word[32];
  snprintf(word, sizeof(word), " %s ", isa);
  if (strstr(covered, word)) return;
  strncat(covered, word + 1, sizeof(covered) - strlen(covered) - 1);
}

// Ends a test program: fails as well where the processor has an instruction set that was not covered.
inline int finish(const char* test) {
#define BVIT_COVERED(name, needs) \
  CHECK(!processor_has(#name) || strstr(covered, " " #name " "), "%s was never covered", #name);
  BVIT_ISA_LIST(BVIT_COVERED)
#undef BVIT_COVERED
  printf("%s: %s; covered:%s\n", test, failures ? "FAILED" : "passed", covered);
  return failures ? 1 : 0;
}

}  // namespace test
}  // namespace bvit
