// Speed of bgemm_i32 against the processor's limit, one JSON object per line.
//
//   bench_kernels [isa] [milliseconds per shape]
//
// Rows are taken 49 at a time, with counts that go to the same place each time, as code that goes on
// with them does; the whole map of counts would measure how fast memory takes it. `clock_ghz` is
// measured by additions that wait for each other, one per cycle. `limit` assumes, per cycle, what the
// machines below can do; processors with more or fewer ports have another.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels/kernels.h"

namespace bvit {
namespace {

// Binary multiply-accumulates per cycle.
double limit_of(const char* isa) {
  // xor, popcount, add: 3 instructions per 512 bits, 2 per cycle (Zen 4, Ice Lake and later)
  if (strcmp(isa, "avx512") == 0) return 2 * 512 / 3.0;
  // 2 shuffles per 256 bits, 2 per cycle (Zen, Ice Lake and later)
  if (strcmp(isa, "avx2") == 0) return 256;
  // eor, cnt, add: 3 instructions per 128 bits, 2 per cycle (Cortex-A72 to A78)
  if (strcmp(isa, "neon") == 0) return 2 * 128 / 3.0;
  return 0;  // not known
}

double seconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

double clock_hz() {
  constexpr int kSteps = 100000;
  double best = 0;
  for (int attempt = 0; attempt < 10; attempt++) {
    uint64_t x = 1;
    const double start = seconds();
    for (int i = 0; i < kSteps; i++)
#if defined(__x86_64__)
      __asm__ volatile("add $1, %0\nadd $1, %0\nadd $1, %0\nadd $1, %0\n"
                       "add $1, %0\nadd $1, %0\nadd $1, %0\nadd $1, %0\n" : "+r"(x));
#elif defined(__aarch64__)
      __asm__ volatile("add %0, %0, 1\nadd %0, %0, 1\nadd %0, %0, 1\nadd %0, %0, 1\n"
                       "add %0, %0, 1\nadd %0, %0, 1\nadd %0, %0, 1\nadd %0, %0, 1\n" : "+r"(x));
#else
      return 0;
#endif
    const double hz = 8.0 * kSteps / (seconds() - start);
    if (hz > best) best = hz;
  }
  return best;
}

uint32_t* random_words(size_t count) {
  void* p = nullptr;
  if (posix_memalign(&p, 64, count * 4 + 64) != 0) abort();
  uint32_t* words = static_cast<uint32_t*>(p);
  for (size_t i = 0; i < count; i++) words[i] = static_cast<uint32_t>(rand()) * 2654435761u;
  return words;
}

constexpr int kStrip = 49;  // rows: 7 tiles of 7

struct Shape {
  int m, n, k;
};

void measure(const Kernels* kernels, const Shape& s, double budget) {
  const int kw = s.k / 32, blocks = s.n / kBlock;
  uint32_t* a = random_words(static_cast<size_t>(s.m) * kw);
  uint32_t* w = random_words(static_cast<size_t>(s.n) * kw);
  int32_t* acc = reinterpret_cast<int32_t*>(random_words(static_cast<size_t>(kStrip) * s.n));
  double best = 1e9, hz = clock_hz();
  const double start = seconds();
  do {
    const double begin = seconds();
    for (int m = 0; m < s.m; m += kStrip)
      kernels->bgemm_i32(kStrip, blocks, kw, a + static_cast<size_t>(m) * kw, kw, w, acc, s.n);
    const double took = seconds() - begin;
    if (took < best) best = took;
  } while (seconds() - start < budget);
  const double later = clock_hz();
  if (later > hz) hz = later;
  const double rate = static_cast<double>(s.m) * s.n * s.k / best;
  const double limit = limit_of(kernels->name) * hz;
  printf("{\"isa\": \"%s\", \"m\": %d, \"n\": %d, \"k\": %d, \"gmac_per_s\": %.1f, "
         "\"clock_ghz\": %.2f, \"mac_per_cycle\": %.1f",
         kernels->name, s.m, s.n, s.k, rate * 1e-9, hz * 1e-9, rate / hz);
  if (limit > 0) printf(", \"limit_gmac_per_s\": %.1f, \"share\": %.3f", limit * 1e-9, rate / limit);
  printf("}\n");
  fflush(stdout);
  free(a), free(w), free(acc);
}

int run(int argc, char** argv) {
  const char* isa = argc > 1 ? argv[1] : nullptr;
  const Kernels* kernels = find_kernels(isa);
  const double budget = 1e-3 * (argc > 2 ? atof(argv[2]) : 100);
  if (kernels == nullptr || !(budget > 0)) {
    fprintf(stderr, "usage: bench_kernels [isa] [milliseconds per shape]; '%s' is not an "
                    "instruction set of this processor\n", isa ? isa : "");
    return 2;
  }
  const int rows[] = {49, 196, 784, 3136}, sizes[] = {64, 256, 512, 1024, 2048};
  for (const int k : sizes)
    for (const int n : sizes)
      for (const int m : rows) measure(kernels, {m, n, k}, budget);
  return 0;
}

}  // namespace
}  // namespace bvit

int main(int argc, char** argv) { return bvit::run(argc, argv); }
