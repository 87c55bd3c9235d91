// Buffers that are read and written by parts of a plan, laid over each other where their lives allow.
#pragma once

#include "base/vec.h"

namespace bvit {

struct PlannedBuffer {
  int64_t bytes = 0;
  int32_t first = 0, last = 0;  // steps of the plan at which it is used
  int64_t offset = 0;
};

class MemoryPlan {
 public:
  int32_t add(int64_t bytes, int32_t step);
  void use(int32_t buffer, int32_t step);
  void scale(int32_t times) {
    for (PlannedBuffer& b : buffers_) b.bytes *= times;
  }
  // Gives every buffer its offset; returns the bytes of them all together.
  int64_t place();
  int64_t offset(int32_t buffer) const { return buffers_[buffer].offset; }

 private:
  Vec<PlannedBuffer> buffers_;
};

}  // namespace bvit
