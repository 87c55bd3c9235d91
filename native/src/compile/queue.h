// A queue by priority.
#pragma once

#include "base/math.h"
#include "base/vec.h"

namespace bvit {

// Numbers with the lowest priority come first, and of those the lowest number: a heap of both in one.
class Queue {
 public:
  struct Entry {
    int32_t priority, number;
    bool operator<(const Entry& o) const {
      return priority != o.priority ? priority < o.priority : number < o.number;
    }
  };

  bool empty() const { return heap_.empty(); }

  void push(int32_t priority, int32_t number) {
    size_t at = heap_.size();
    heap_.push({priority, number});
    for (; at > 0 && heap_[at] < heap_[(at - 1) / 2]; at = (at - 1) / 2) exchange(at, (at - 1) / 2);
  }

  Entry pop() {
    const Entry first = heap_[0];
    heap_[0] = heap_.back();
    heap_.pop();
    for (size_t at = 0, child = 1; child < heap_.size(); at = child, child = 2 * at + 1) {
      if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) child++;
      if (!(heap_[child] < heap_[at])) break;
      exchange(at, child);
    }
    return first;
  }

 private:
  void exchange(size_t a, size_t b) {
    const Entry keep = heap_[a];
    heap_[a] = heap_[b], heap_[b] = keep;
  }

  Vec<Entry> heap_;
};

}  // namespace bvit
