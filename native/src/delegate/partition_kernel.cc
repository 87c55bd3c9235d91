#include "delegate/partition_kernel.h"

#include "base/denormals.h"
#include "base/math.h"
#include "base/object.h"
#include "base/print.h"
#include "delegate/import.h"
#include "delegate/partition_program.h"
#include "graph/types.h"
#include "run/thread_pool.h"

namespace bvit {
namespace {

struct PartitionKernel {
  DelegateState* state = nullptr;
  Vec<RawNode> nodes;
  Vec<HalfConstant> halves;
  Vec<int32_t> outputs;              // tensors
  Graph graph;                       // with the shapes of the last Prepare; constants may be gone
  bool empty = false;                // whether its outputs have no numbers
  PartitionProgram* program = nullptr;
  ThreadPool* pool = nullptr;        // of the program
  Vec<void*> data;                   // of tensors, by value

  ~PartitionKernel() {
    forget_program();
    if (pool) state->pools.give_back(pool);
    DelegateState::release(state);
  }

  void forget_program() {
    if (program) state->programs.remove(program);
    delete_object(program);
    program = nullptr;
  }

  // The one before may be the same: its threads go on.
  bool take_pool(const tfl::Context* context) {
    ThreadPool* before = pool;
    pool = state->pools.take(context, threads_of(state->options, *context));
    if (before) state->pools.give_back(before);
    return pool != nullptr;
  }
};

void* init(tfl::Context* context, const char* buffer, size_t) {
  const auto* params = reinterpret_cast<const tfl::DelegateParams*>(buffer);
  PartitionKernel* kernel = create_object<PartitionKernel>();
  if (kernel == nullptr) return nullptr;
  kernel->state = static_cast<DelegateState*>(params->delegate->data);
  kernel->state->hold();
  for (int32_t i = 0; i < params->output_tensors->size; i++)
    kernel->outputs.push(params->output_tensors->data[i]);
  kernel->halves = find_half_constants(context);
  if (collect_nodes(context, params->nodes_to_replace, &kernel->nodes)) return kernel;
  delete_object(kernel);
  return nullptr;
}

void free_kernel(tfl::Context*, void* kernel) {
  delete_object(static_cast<PartitionKernel*>(kernel));
}

bool has_shape(const tfl::Tensor& tensor, const Shape& shape) {
  if (tensor.dims == nullptr || tensor.dims->size != shape.rank) return false;
  return memcmp(tensor.dims->data, shape.dim, sizeof(int32_t) * shape.rank) == 0;
}

bool has_no_outputs(const Graph& graph) {
  for (const Value& value : graph.values)
    if (value.output && value.shape.elements() > 0) return false;
  return true;
}

// ResizeTensor takes the array and frees it.
tfl::Status resize(tfl::Context* context, const Value& value) {
  tfl::Tensor* tensor = &context->tensors[value.tensor];
  if (has_shape(*tensor, value.shape)) return tfl::kOk;
  const size_t bytes = sizeof(tfl::IntArray) + sizeof(int32_t) * value.shape.rank;
  tfl::IntArray* dims = static_cast<tfl::IntArray*>(malloc(bytes));
  if (dims == nullptr) return tfl::kError;
  dims->size = value.shape.rank;
  memcpy(dims->data, value.shape.dim, sizeof(int32_t) * value.shape.rank);
  return context->ResizeTensor(context, tensor, dims);
}

tfl::Status fail(tfl::Context* context, const char* why) {
  context->ReportError(context, "larq_bvit: %s", why);
  return tfl::kError;
}

tfl::Status prepare(tfl::Context* context, tfl::Node* node) {
  PartitionKernel* kernel = static_cast<PartitionKernel*>(node->user_data);
  if (kernel == nullptr) return fail(context, "a partition's nodes can't be had");
  kernel->forget_program();
  kernel->graph = Graph();
  Reason reason;
  if (!import_partition(context, kernel->nodes, kernel->halves, kernel->outputs, &kernel->graph,
                        &reason))
    return fail(context, reason.text);
  for (const Value& value : kernel->graph.values)
    if (value.output && resize(context, value) != tfl::kOk)
      return fail(context, "an output can't be resized");
  kernel->empty = has_no_outputs(kernel->graph);
  if (kernel->empty) return tfl::kOk;
  kernel->data.clear();
  kernel->data.resize(kernel->graph.values.size(), nullptr);
  kernel->program = create_object<PartitionProgram>();
  const Options& options = kernel->state->options;
  if (!kernel->program || !kernel->take_pool(context)) {
    kernel->forget_program();
    return fail(context, "out of memory");
  }
  if (!kernel->program->prepare(kernel->graph, options, kernel->pool, &reason)) {
    kernel->forget_program();
    return fail(context, reason.text);
  }
  if (!kernel->program->reads_constants()) Vec<Vec<float>>().swap(kernel->graph.widened);
  kernel->state->programs.add(kernel->program);
  if (options.verbose > 0)
    print_format(print_line, "larq_bvit: partition of %zu nodes prepared, %zu bytes of activations",
                 kernel->graph.nodes.size(), kernel->program->activation_bytes());
  return tfl::kOk;
}

// The tensors' addresses, which the runtime may change between calls. Their sizes must be those of
// Prepare: whatever the runtime did, nothing is read or written beyond them.
bool find_data(tfl::Context* context, PartitionKernel* kernel) {
  for (size_t v = 0; v < kernel->graph.values.size(); v++) {
    const Value& value = kernel->graph.values[v];
    if (!value.input && !value.output) continue;
    const tfl::Tensor& tensor = context->tensors[value.tensor];
    const size_t needed = bytes_of(value.type, value.shape);
    if (needed > 0 && (tensor.data == nullptr || tensor.bytes < needed)) return false;
    kernel->data[v] = tensor.data;
  }
  return true;
}

tfl::Status invoke(tfl::Context* context, tfl::Node* node) {
  PartitionKernel* kernel = static_cast<PartitionKernel*>(node->user_data);
  if (kernel != nullptr && kernel->empty) return tfl::kOk;
  if (kernel == nullptr || kernel->program == nullptr)
    return fail(context, "a partition runs before it was prepared");
  if (!find_data(context, kernel))
    return fail(context, "a tensor has no memory, or less than when it was prepared");
  const FlushDenormals flush;
  return kernel->program->run(kernel->data.data()) ? tfl::kOk
                                                   : fail(context, "a partition failed to run");
}

}  // namespace

void DelegateState::release(DelegateState* state) {
  if (__atomic_sub_fetch(&state->holders, 1, __ATOMIC_ACQ_REL) == 0) delete_object(state);
}

tfl::Registration partition_registration() {
  tfl::Registration registration = {};
  registration.init = init;
  registration.free = free_kernel;
  registration.prepare = prepare;
  registration.invoke = invoke;
  registration.builtin_code = tfl::kBuiltinDelegate;
  registration.custom_name = "LarqBvitDelegate";
  registration.version = 1;
  return registration;
}

int threads_of(const Options& options, const tfl::Context& context) {
  const int threads = options.threads ? options.threads : context.recommended_num_threads;
  return clamp(threads, 1, ThreadPool::kMaxThreads);
}

}  // namespace bvit
