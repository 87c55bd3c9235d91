// The compiler calls `__sanitizer_cov_trace_pc` at every basic block of what is built with
// -fsanitize-coverage=trace-pc. Threads of the delegate call it too, and may lose a count.
#include "coverage.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

namespace fuzz {
namespace {

constexpr size_t kSlots = 1 << 16;
uint8_t counts[kSlots], seen[kSlots];  // seen: a bit per magnitude of the count
constexpr uintptr_t kMostCode = 1 << 26;
uint8_t reached[kMostCode];             // by address

uint8_t magnitude(uint8_t count) {
  if (count <= 3) return static_cast<uint8_t>(1 << (count - 1));
  return count < 8 ? 8 : count < 16 ? 16 : count < 32 ? 32 : count < 128 ? 64 : 128;
}

}  // namespace

void begin_coverage() { memset(counts, 0, sizeof(counts)); }

size_t new_coverage() {
  size_t found = 0;
  for (size_t i = 0; i < kSlots; i++) {
    if (counts[i] == 0) continue;
    const uint8_t bit = magnitude(counts[i]);
    if ((seen[i] & bit) == 0) found++;
    seen[i] |= bit;
  }
  return found;
}

size_t all_coverage() {
  size_t found = 0;
  for (uint8_t bits : seen) found += bits != 0;
  return found;
}

bool write_coverage(const char* path) {
  FILE* file = fopen(path, "w");
  if (file == nullptr) return false;
  for (uintptr_t pc = 0; pc < kMostCode; pc++)
    if (reached[pc]) fprintf(file, "%zx\n", static_cast<size_t>(pc));
  return fclose(file) == 0;
}

}  // namespace fuzz

extern "C" const char __executable_start;  // the linker's

extern "C" void __sanitizer_cov_trace_pc() {
  // from the start of the program, which lies somewhere else each time
  const uintptr_t pc = static_cast<uintptr_t>(
      static_cast<const char*>(__builtin_return_address(0)) - &__executable_start);
  if (pc < fuzz::kMostCode) fuzz::reached[pc] = 1;
  uint8_t* count = &fuzz::counts[(pc ^ pc >> 16) % fuzz::kSlots];
  if (*count < 255) ++*count;
}
