// Where runs of a plan spend their time.
#pragma once

#include "compile/plan.h"

namespace bvit {

// A chain's time over all runs, in seconds. What its product takes is found in the first runs, by
// running the product once more without what follows it.
struct ChainTime {
  int32_t region = 0, chain = 0;
  double seconds = 0;
  double calibration = 0, product = 0;  // the whole chain's and the product's in these runs

  double product_seconds() const {
    const double share = calibration > 0 ? product / calibration : 0;
    return seconds * (share < 1 ? share : 1);
  }
};

class Profiler {
 public:
  explicit Profiler(const Plan& plan);

  void begin_run() { runs_++; }
  void run_chain(const Kernels& kernels, const Chain& chain, const TileContext& c, int32_t region, int32_t number);
  void add(int32_t region, double seconds) { times_[first_[region]].seconds += seconds; }
  const Vec<ChainTime>& times() const { return times_; }

  static double now();

 private:
  static constexpr int kCalibrationRuns = 3;
  Vec<ChainTime> times_;    // of all chains, in order; an operator of its own is one chain
  Vec<int32_t> first_;      // of each region
  int64_t runs_ = 0;
};

}  // namespace bvit
