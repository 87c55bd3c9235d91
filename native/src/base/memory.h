// Memory from malloc, aligned for every vector register; failure is a null pointer.
#pragma once

#include "base/libc.h"

namespace bvit {

constexpr size_t kAlign = 64;  // a cache line, and the widest register

inline size_t round_up(size_t n, size_t to) { return (n + to - 1) / to * to; }

// Zeroed memory of at least `bytes`, with a line of room behind it; free with `free`.
inline void* allocate(size_t bytes) {
  if (bytes > SIZE_MAX / 2) return nullptr;
  void* p = nullptr;
  const size_t size = round_up(bytes + kAlign, kAlign);
  if (posix_memalign(&p, kAlign, size) != 0) return nullptr;
  memset(p, 0, size);
  return p;
}

// Memory that is walked through in each inference: on pages of 2 MB, where there are such and it fills
// half of one.
inline void* allocate_large(size_t bytes) {
#ifdef BVIT_HUGE_PAGES
  constexpr size_t kPage = size_t{1} << 21;
  if (bytes < kPage / 2) return allocate(bytes);
  if (bytes > SIZE_MAX / 2) return nullptr;
  void* p = nullptr;
  const size_t size = round_up(bytes + kAlign, kPage);
  if (posix_memalign(&p, kPage, size) != 0) return nullptr;
  madvise(p, size, MADV_HUGEPAGE);  // a wish: what it returns does not matter
  memset(p, 0, size);
  return p;
#else
  return allocate(bytes);
#endif
}

}  // namespace bvit
