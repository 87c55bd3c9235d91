// The functions that runtimes look for, and what a delegate does when one offers it a graph.
#include "base/export.h"
#include "base/object.h"
#include "base/print.h"
#include "delegate/claims.h"
#include "delegate/import.h"
#include "delegate/layout.h"
#include "delegate/partition_kernel.h"
#include "delegate/partition_program.h"
#include "graph/types.h"

namespace bvit {
namespace {

// Why nodes stay with the runtime. LCE's are always told of: nobody else can run them.
void tell_refusals(tfl::Context* context, const Vec<RawNode>& plan,
                   const Vec<Refusal>& refusals, int verbose) {
  for (const Refusal& refusal : refusals) {
    const RawNode& node = plan[refusal.position];
    char name[64];
    name_node(node, name, sizeof(name));
    if (strncmp(name, "Lce", 3) == 0) {
      context->ReportError(context, "larq_bvit: node %d (%s) can't be run: %s",
                           node.index, name, refusal.reason.text);
    } else if (verbose > 1) {
      print_format(print_line, "larq_bvit: node %d (%s) is left to the runtime: %s", node.index,
                   name, refusal.reason.text);
    }
  }
}

void tell_nodes(const Graph& graph, const Vec<uint8_t>& flags) {
  for (size_t n = 0; n < graph.nodes.size(); n++) {
    const Node& node = graph.nodes[n];
    char value[kValueText];
    describe_value(graph.out(node).type, graph.out(node).shape, value);
    print_format(print_line, "larq_bvit: node %d (%s) -> %s %s", node.index, name_of(node.op),
                 value, flags[n] ? "is claimed" : "is left to the runtime");
  }
}

tfl::Status out_of_memory(tfl::Context* context) {
  context->ReportError(context, "larq_bvit: out of memory");
  return tfl::kError;
}

tfl::Status claim(tfl::Context* context, tfl::Delegate* delegate, const Graph& graph,
                  const Vec<uint8_t>& flags) {
  tfl::IntArray* claimed = claimed_nodes(graph, flags);
  if (claimed == nullptr) return out_of_memory(context);
  const tfl::Status status =
      claimed->size == 0 ? tfl::kOk
                         : context->ReplaceNodeSubsetsWithDelegateKernels(
                               context, partition_registration(), claimed, delegate);
  free(claimed);
  return status;
}

// What all of a graph must be before any of its nodes is claimed.
bool read_plan(tfl::Context* context, Vec<RawNode>* plan, Reason* reason) {
  tfl::IntArray* indices = nullptr;  // the runtime's own
  if (!check_layout(context, reason)) return false;
  context->GetExecutionPlan(context, &indices);
  return (collect_nodes(context, indices, plan) || reason->set("a node can't be had")) &&
         check_order(*plan, context->tensors_size, reason);
}

tfl::Status prepare(tfl::Context* context, tfl::Delegate* delegate) {
  const Options& options = static_cast<const DelegateState*>(delegate->data)->options;
  Vec<RawNode> plan;
  Reason reason;
  if (!read_plan(context, &plan, &reason)) {
    if (context->ReportError) context->ReportError(context, "larq_bvit: %s", reason.text);
    return tfl::kError;
  }
  Graph graph;
  Vec<Refusal> refusals;
  import_plan(context, plan, &graph, &refusals);
  Vec<uint8_t> flags;
  if (!choose_claims(context, graph, options, &flags)) return out_of_memory(context);
  tell_refusals(context, plan, refusals, options.verbose);
  if (options.verbose > 1) tell_nodes(graph, flags);
  if (options.verbose > 0) {
    int32_t claimed = 0;
    for (uint8_t flag : flags) claimed += flag;
    print_format(print_line, "larq_bvit: claims %d of %zu nodes (%s, %s, %d threads)", claimed,
                 plan.size(), mode_of(options), options.kernels->name,
                 threads_of(options, *context));
  }
  return claim(context, delegate, graph, flags);
}

}  // namespace
}  // namespace bvit

namespace bvit {
namespace {

// False after a message.
bool set_up(DelegateState* state, const char* const* keys, const char* const* values, size_t n,
            void (*report_error)(const char*)) {
  if (!state->options.read(keys, values, n, report_error)) return false;
  state->delegate.data = state;
  state->delegate.Prepare = prepare;
  // with any other flag, runtimes turn unknown operators away before a delegate sees them
  state->delegate.flags = tfl::kAllowDynamicTensors;
  return true;
}

}  // namespace
}  // namespace bvit

// Called by stock runtimes' external delegate (Python's load_delegate among them). Python passes
// `n` as a C int, so its upper half is not defined.
BVIT_EXPORT bvit::tfl::Delegate* tflite_plugin_create_delegate(
    const char* const* keys, const char* const* values, size_t n,
    void (*report_error)(const char*)) {
  bvit::DelegateState* state = bvit::create_object<bvit::DelegateState>();
  if (state == nullptr) {
    if (report_error) report_error("larq_bvit: out of memory");
    return nullptr;
  }
  if (bvit::set_up(state, keys, values, n & 0xffffffff, report_error)) return &state->delegate;
  bvit::DelegateState::release(state);
  return nullptr;
}

BVIT_EXPORT void tflite_plugin_destroy_delegate(bvit::tfl::Delegate* delegate) {
  if (delegate) bvit::DelegateState::release(static_cast<bvit::DelegateState*>(delegate->data));
}

namespace bvit {
namespace {

ProgramRegistry* programs_of(const tfl::Delegate* delegate) {
  return delegate ? &static_cast<DelegateState*>(delegate->data)->programs : nullptr;
}

}  // namespace
}  // namespace bvit

// Times of all partitions of a delegate with the option `profile`, see program_registry.h; "[]"
// without it.
BVIT_EXPORT size_t larq_bvit_profile_json(bvit::tfl::Delegate* delegate, char* text, size_t room) {
  if (auto* programs = bvit::programs_of(delegate)) return programs->write_json(text, room);
  return static_cast<size_t>(snprintf(text, text ? room : 0, "[]"));
}

BVIT_EXPORT size_t larq_bvit_activation_bytes(const bvit::tfl::Delegate* delegate) {
  auto* programs = bvit::programs_of(delegate);
  return programs ? programs->activation_bytes() : 0;
}
