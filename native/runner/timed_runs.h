// Times of many inferences.
#pragma once

#include "base/vec.h"

namespace bvit {

// All are counted; of very many, one in 2, 4, 8... is kept, evenly over their time.
class TimedRuns {
 public:
  void add(int64_t ns);

  int64_t count() const { return count_; }
  int64_t sum_ns() const { return sum_ns_; }
  double seconds() const { return 1e-9 * static_cast<double>(sum_ns_); }
  const Vec<int64_t>& kept_ns() const { return kept_ns_; }

 private:
  int64_t count_ = 0, sum_ns_ = 0, step_ = 1;
  Vec<int64_t> kept_ns_;
};

}  // namespace bvit
