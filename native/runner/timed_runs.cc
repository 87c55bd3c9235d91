#include "runner/timed_runs.h"

namespace bvit {
namespace {

constexpr size_t kMostKept = 8192;  // as text, they go through a phone's cable

}  // namespace

void TimedRuns::add(int64_t ns) {
  if (count_ % step_ == 0) {
    if (kept_ns_.size() == kMostKept) {
      for (size_t i = 0; i < kMostKept / 2; i++) kept_ns_[i] = kept_ns_[2 * i];
      kept_ns_.resize(kMostKept / 2);
      step_ *= 2;  // this run is one of those that are kept: it is an even multiple
    }
    kept_ns_.push(ns);
  }
  count_++;
  sum_ns_ += ns;
}

}  // namespace bvit
