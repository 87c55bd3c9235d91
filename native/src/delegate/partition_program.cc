#include "delegate/partition_program.h"

#include "base/print.h"
#include "compile/program.h"

namespace bvit {
namespace {

#if LARQ_BVIT_HAS_COMPILER
ProgramOptions compiler_options(const Options& options, ThreadPool* pool) {
  return {options.kernels, pool, options.verbose, options.verbose > 0 ? print_line : nullptr,
          options.profile};
}

bool is_all_lce(const Graph& graph) {
  for (const Node& node : graph.nodes)
    if (!is_lce(node.op)) return false;
  return true;
}
#endif

}  // namespace

PartitionProgram::~PartitionProgram() {
#if LARQ_BVIT_HAS_COMPILER
  if (fused_) destroy(fused_);
#endif
}

bool PartitionProgram::prepare(const Graph& graph, const Options& options, ThreadPool* pool,
                               Reason* reason) {
#if LARQ_BVIT_HAS_COMPILER
  if (!options.exact) {
    fused_ = compile(graph, compiler_options(options, pool), reason->text, sizeof(reason->text));
    if (fused_) return true;
    if (!is_all_lce(graph)) return false;
    // LCE's operators must run, whatever the compiler makes of their shapes
    if (options.verbose > 0)
      print_format(print_line, "larq_bvit: a partition runs op by op: %s", reason->text);
  }
#endif
  return exact_.prepare(graph, options.kernels, pool, options.profile) ||
         reason->set("out of memory");
}

bool PartitionProgram::run(void* const* tensors) {
#if LARQ_BVIT_HAS_COMPILER
  if (fused_) return bvit::run(fused_, tensors);
#endif
  exact_.run(tensors);
  return true;
}

void PartitionProgram::each_profile_row(ProfileVisit visit, void* with) const {
#if LARQ_BVIT_HAS_COMPILER
  if (fused_) return bvit::each_profile_row(fused_, visit, with);
#endif
  exact_.each_profile_row(visit, with);
}

size_t PartitionProgram::activation_bytes() const {
#if LARQ_BVIT_HAS_COMPILER
  if (fused_) return bvit::activation_bytes(fused_);
#endif
  return exact_.activation_bytes();
}

bool is_exact(const Options& options) {
#if LARQ_BVIT_HAS_COMPILER
  return options.exact;
#else
  (void)options;
  return true;  // this build has no compiler
#endif
}

void find_fused(const Graph& graph, const Options& options, Vec<uint8_t>* flags) {
  flags->clear();
#if LARQ_BVIT_HAS_COMPILER
  if (!is_exact(options)) claimable(graph, flags);
#endif
  (void)options;
  flags->resize(graph.nodes.size(), 0);
}

const char* mode_of(const Options& options) { return is_exact(options) ? "exact" : "fused"; }

}  // namespace bvit
