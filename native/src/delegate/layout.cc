#include "delegate/layout.h"

namespace bvit {
namespace {

constexpr size_t kMostTensors = 1 << 28;
constexpr int32_t kMostTypes = 64, kMostAllocations = 16, kMostDims = 64, kMostNodes = 1 << 28;

bool unknown_layout(Reason* reason, const char* what) {
  return reason->set(
      "this runtime's structs do not lie as those of TensorFlow Lite 2.14 to LiteRT 2.x do: %s",
      what);
}

bool check_functions(const tfl::Context& c, Reason* reason) {
  if (!c.GetExecutionPlan || !c.ResizeTensor || !c.ReportError || !c.GetNodeAndRegistration ||
      !c.ReplaceNodeSubsetsWithDelegateKernels || !c.PreviewDelegatePartitioning)
    return unknown_layout(reason, "a function of TfLiteContext is null");
  if (c.tensors_size > kMostTensors || (c.tensors == nullptr && c.tensors_size > 0))
    return unknown_layout(reason, "TfLiteContext has no tensors");
  return true;
}

bool check_constant(const tfl::Tensor& t, Reason* reason) {
  if (t.sparsity != nullptr) return true;  // packed otherwise
  const size_t size = element_bytes(t.type);
  if (size == 0) return true;
  uint64_t bytes = size;
  for (int32_t i = 0; i < t.dims->size; i++)
    if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(t.dims->data[i]), &bytes))
      return unknown_layout(reason, "a constant's shape is beyond all bounds");
  if (bytes != t.bytes)
    return unknown_layout(reason, "a constant has not the bytes that its shape needs");
  return true;
}

bool check_tensor(const tfl::Tensor& t, Reason* reason) {
  if (t.type < 0 || t.type > kMostTypes)
    return unknown_layout(reason, "a tensor has an unknown type");
  if (t.allocation_type < 0 || t.allocation_type > kMostAllocations)
    return unknown_layout(reason, "a tensor has an unknown kind of memory");
  if (t.allocation_type != tfl::kMmapRo) return true;
  if (t.dims == nullptr || t.dims->size < 0 || t.dims->size > kMostDims)
    return unknown_layout(reason, "a constant has no shape");
  return check_constant(t, reason);
}

bool check_indices(const tfl::IntArray* indices, size_t tensors, Reason* reason) {
  if (indices == nullptr || indices->size < 0 || static_cast<size_t>(indices->size) > kMostTensors)
    return unknown_layout(reason, "a node has no list of tensors");
  for (int32_t i = 0; i < indices->size; i++) {
    const int32_t t = indices->data[i];
    if (t < tfl::kOptionalTensor || (t >= 0 && static_cast<size_t>(t) >= tensors))
      return unknown_layout(reason, "a node names a tensor that does not exist");
  }
  return true;
}

bool check_node(tfl::Context* context, int32_t index, Reason* reason) {
  tfl::Node* node = nullptr;
  tfl::Registration* registration = nullptr;
  if (context->GetNodeAndRegistration(context, index, &node, &registration) != tfl::kOk ||
      node == nullptr || registration == nullptr)
    return unknown_layout(reason, "the execution plan names a node that does not exist");
  if (registration->builtin_code < 0 || registration->builtin_code > 1 << 16)
    return unknown_layout(reason, "a node has an unknown operator");
  if (node->custom_initial_data_size < 0)
    return unknown_layout(reason, "a node's options have a negative size");
  return check_indices(node->inputs, context->tensors_size, reason) &&
         check_indices(node->outputs, context->tensors_size, reason);
}

}  // namespace

size_t element_bytes(int32_t type_code) {
  switch (type_code) {
    case tfl::kFloat32:
    case tfl::kInt32:
    case tfl::kUint32: return 4;
    case tfl::kInt64:
    case tfl::kFloat64: return 8;
    case tfl::kFloat16:
    case tfl::kInt16:
    case tfl::kUint16: return 2;
    case tfl::kUint8:
    case tfl::kInt8:
    case tfl::kBool: return 1;
    default: return 0;
  }
}

bool check_layout(tfl::Context* context, Reason* reason) {
  if (!check_functions(*context, reason)) return false;
  for (size_t i = 0; i < context->tensors_size; i++)
    if (!check_tensor(context->tensors[i], reason)) return false;
  tfl::IntArray* plan = nullptr;
  if (context->GetExecutionPlan(context, &plan) != tfl::kOk || plan == nullptr ||
      plan->size < 0 || plan->size > kMostNodes)
    return unknown_layout(reason, "there is no execution plan");
  for (int32_t i = 0; i < plan->size; i++)
    if (!check_node(context, plan->data[i], reason)) return false;
  return true;
}

}  // namespace bvit
