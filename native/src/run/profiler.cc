#include "run/profiler.h"

namespace bvit {

Profiler::Profiler(const Plan& plan) {
  for (size_t r = 0; r < plan.regions.size(); r++) {
    first_.push(static_cast<int32_t>(times_.size()));
    const size_t chains = plan.regions[r].whole.op ? 1 : plan.regions[r].chains.size();
    for (size_t i = 0; i < chains; i++) {
      ChainTime time;
      time.region = static_cast<int32_t>(r), time.chain = static_cast<int32_t>(i);
      times_.push(time);
    }
  }
}

double Profiler::now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

void Profiler::run_chain(const Kernels& kernels, const Chain& chain, const TileContext& c, int32_t region, int32_t number) {
  ChainTime& time = times_[first_[region] + number];
  const double start = now();
  kernels.run_chain(chain, c);
  const double end = now();
  time.seconds += end - start;
  const bool has_product = chain.op_count > 0 && chain.ops[0].kind <= OpKind::kContext;
  if (runs_ > kCalibrationRuns || !has_product) return;
  TileOp first = chain.ops[0];
  if (first.kind == OpKind::kUnit) first.kind = OpKind::kBinaryProduct;
  Chain product = chain;
  product.ops = &first;
  product.op_count = 1;
  product.frequent = -1;
  const double again = now();
  kernels.run_chain(product, c);
  time.calibration += end - start;
  time.product += now() - again;
}

}  // namespace bvit
