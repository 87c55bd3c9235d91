#include "compile/memory_plan.h"

#include "base/math.h"
#include "base/memory.h"

namespace bvit {

int32_t MemoryPlan::add(int64_t bytes, int32_t step) {
  PlannedBuffer b;
  b.bytes = static_cast<int64_t>(round_up(static_cast<size_t>(bytes), kAlign));
  b.first = b.last = step;
  buffers_.push(b);
  return static_cast<int32_t>(buffers_.size()) - 1;
}

void MemoryPlan::use(int32_t buffer, int32_t step) {
  PlannedBuffer& b = buffers_[buffer];
  b.first = min(b.first, step);
  b.last = max(b.last, step);
}

// Largest first, each at the lowest place that is free during its life.
int64_t MemoryPlan::place() {
  Vec<int32_t> order;
  for (size_t i = 0; i < buffers_.size(); i++) {
    size_t at = order.size();
    order.push(static_cast<int32_t>(i));
    for (; at > 0 && buffers_[order[at - 1]].bytes < buffers_[i].bytes; at--) order[at] = order[at - 1];
    order[at] = static_cast<int32_t>(i);
  }
  int64_t total = 0;
  Vec<int32_t> placed;  // by offset
  for (int32_t i : order) {
    PlannedBuffer& b = buffers_[i];
    int64_t at = 0;
    for (int32_t p : placed) {
      const PlannedBuffer& other = buffers_[p];
      if (other.last < b.first || b.last < other.first) continue;
      if (at + b.bytes <= other.offset) break;
      at = max(at, other.offset + other.bytes);
    }
    b.offset = at;
    total = max(total, at + b.bytes);
    size_t k = placed.size();
    placed.push(i);
    for (; k > 0 && buffers_[placed[k - 1]].offset > at; k--) placed[k] = placed[k - 1];
    placed[k] = i;
  }
  return total;
}

}  // namespace bvit
