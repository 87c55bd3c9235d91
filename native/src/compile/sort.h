// A sort in n log n steps that leaves equals in their order.
#pragma once

#include "base/math.h"
#include "base/vec.h"

namespace bvit {

// Of trivial values; `before(a, b)` says whether a must stand before b. Merges runs of 1, 2, 4, ...
template <class T, class Before>
void stable_sort(Vec<T>* values, Before before) {
  const size_t n = values->size();
  Vec<T> merged(n);
  for (size_t run = 1; run < n; run *= 2) {
    for (size_t begin = 0; begin < n; begin += 2 * run) {
      const size_t middle = min(begin + run, n), end = min(begin + 2 * run, n);
      size_t left = begin, right = middle;
      for (size_t to = begin; to < end; to++) {
        const bool from_right =
            left == middle || (right < end && before((*values)[right], (*values)[left]));
        merged[to] = (*values)[from_right ? right++ : left++];
      }
    }
    values->swap(merged);
  }
}

}  // namespace bvit
