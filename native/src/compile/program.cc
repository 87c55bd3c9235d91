#include "compile/program.h"

#include "base/math.h"
#include "base/memory.h"
#include "compile/plan.h"
#include "compile/describe.h"
#include "run/executor.h"
#include "run/thread_pool.h"

namespace bvit {

class Program {
 public:
  Program(const ProgramOptions& options) : options_(options) {}
  ~Program() {
    delete_executor(executor_);
  }

  bool build(const Graph& graph, char* error, size_t n) {
    Net net;
    Vec<uint8_t> taken;
    lower(graph, &net, &taken);
    for (size_t i = 0; i < taken.size(); i++)
      if (!taken[i]) {
        const char* limit = net.limits[i];
        snprintf(error, n, "%s (node %d) has no fused form in this partition%s%s", name_of(graph.nodes[i].op),
                 graph.nodes[i].index, limit ? ": " : "", limit ? limit : "");
        return false;
      }
    for (const Item& item : net.items)
      if (item.kind == ItemKind::kInput && !graph.values[item.value].input) {
        snprintf(error, n, "tensor %d is read before it is made", graph.values[item.value].tensor);
        return false;
      }
    simplify(&net);
    Vec<Region> regions;
    schedule(&net, &regions);
    PlanOptions options;
    options.kernels = options_.kernels;
    options.threads = options_.pool->threads();
    if (!make_plan(net, regions, options, &constants_, &plan_, error, n)) return false;
    executor_ = new_executor(plan_, options_.kernels, options_.pool, options_.profile);
    if (options_.verbose > 0 && options_.print) print_plan(plan_, options_.verbose > 1, options_.print);
    if (executor_ == nullptr) snprintf(error, n, "no memory for %lld bytes of maps", static_cast<long long>(plan_.arena_bytes));
    return executor_ != nullptr;
  }

  bool run(void* const* tensors) { return execute(executor_, tensors); }
  void each_profile_row(ProfileVisit visit, void* with) const {
    const Profiler* profiler = profiler_of(executor_);
    if (profiler == nullptr) return;
    for (const ChainTime& t : profiler->times()) {
      char name[400];
      describe(plan_, t.region, t.chain, name, sizeof(name));
      const PlannedRegion& region = plan_.regions[t.region];
      const char* kind = region.whole.op ? "operator" : category(region.chains[t.chain]);
      const bool splits = !region.whole.op && has_product(region.chains[t.chain]);
      const double product = splits ? t.product_seconds() : 0;
      if (splits) visit(name, "product", static_cast<uint64_t>(1e9 * product), with);
      visit(name, kind, static_cast<uint64_t>(1e9 * (t.seconds - product)), with);
    }
  }
  size_t activation_bytes() const {
    const int64_t threads = options_.profile ? 1 : options_.pool->threads();
    return static_cast<size_t>(plan_.arena_bytes + plan_.scratch_bytes * threads);
  }

 private:
  ProgramOptions options_;
  Constants constants_;
  Plan plan_;
  Executor* executor_ = nullptr;
};

void claimable(const Graph& graph, Vec<uint8_t>* flags) {
  Net net;
  lower(graph, &net, flags);
}

Program* compile(const Graph& partition, const ProgramOptions& options, char* error, size_t n) {
  void* memory = malloc(sizeof(Program));
  if (memory == nullptr) {
    snprintf(error, n, "out of memory");
    return nullptr;
  }
  Program* program = new (PlacementTag(), memory) Program(options);
  if (program->build(partition, error, n)) return program;
  destroy(program);
  return nullptr;
}

void each_profile_row(const Program* program, ProfileVisit visit, void* with) { program->each_profile_row(visit, with); }

bool run(Program* program, void* const* tensors) { return program->run(tensors); }

void destroy(Program* program) {
  if (program == nullptr) return;
  program->~Program();
  free(program);
}

size_t activation_bytes(const Program* program) { return program->activation_bytes(); }

}  // namespace bvit
