#include "delegate/graph_builder.h"

#include "base/math.h"
#include "graph/half.h"
#include "graph/types.h"

namespace bvit {
namespace {

// Scale and zero point of 8-bit numbers; those with one per channel have none here (scale 0).
void read_quantization(const tfl::Tensor& tensor, Value* value) {
  if (tensor.quantization_type != tfl::kAffineQuantization) return;
  value->scale = tensor.scale;
  value->zero_point = tensor.zero_point;
}

void widen(Value* value, Graph* graph) {
  const uint16_t* halves = static_cast<const uint16_t*>(value->data);
  Vec<float> floats;
  const int64_t n = value->shape.elements();
  floats.reserve(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; i++) floats.push(half_to_float(halves[i]));
  graph->widened.push(Vec<float>());
  graph->widened.back().swap(floats);
  value->data = graph->widened.back().data();
}

// In other dimensions than the batch, which no window's fit rests on.
bool any_open_shape(const tfl::Context& context) {
  for (size_t t = 0; t < context.tensors_size; t++) {
    const tfl::IntArray* sizes = context.tensors[t].dims_signature;
    for (int32_t i = 1; sizes && i < sizes->size; i++)
      if (sizes->data[i] < 0) return true;
  }
  return false;
}

}  // namespace

Type type_of(int32_t code) {
  switch (code) {
    case tfl::kFloat32: return Type::kFloat32;
    case tfl::kFloat16: return Type::kFloat16;
    case tfl::kInt8: return Type::kInt8;
    case tfl::kUint8: return Type::kUint8;
    case tfl::kInt32: return Type::kInt32;
    case tfl::kInt64: return Type::kInt64;
    case tfl::kBool: return Type::kBool;
    default: return Type::kOther;
  }
}

GraphBuilder::GraphBuilder(tfl::Context* context, const Vec<RawNode>& nodes,
                           const Vec<HalfConstant>& halves, bool final_shapes, Graph* graph)
    : context_(context), final_shapes_(final_shapes), has_open_shapes_(!final_shapes && any_open_shape(*context)),
      graph_(graph) {
  half_of_.resize(context->tensors_size, -1);
  for (const HalfConstant& h : halves) half_of_[h.tensor] = h.half;
  value_of_.resize(context->tensors_size, -1);
  writer_.resize(context->tensors_size, -1);
  written_twice_.resize(context->tensors_size, 0);
  for (size_t position = 0; position < nodes.size(); position++) {
    const tfl::IntArray* outputs = nodes[position].node.outputs;
    for (int32_t i = 0; i < outputs->size; i++) {
      const int32_t t = outputs->data[i];
      if (t < 0) continue;
      if (writer_[t] >= 0) written_twice_[t] = 1;
      writer_[t] = static_cast<int32_t>(position);
    }
  }
}

bool GraphBuilder::read_type_and_shape(const tfl::Tensor& t, Value* value, Reason* reason) const {
  value->type = type_of(t.type);
  if (value->type == Type::kOther) return reason->set("type %d is not known", t.type);
  if (t.dims == nullptr || t.dims->size < 0) return reason->set("a tensor has no shape");
  if (t.dims->size > kMaxRank)
    return reason->set("rank must be at most %d; got %d", kMaxRank, t.dims->size);
  value->shape.rank = t.dims->size;
  for (int32_t i = 0; i < t.dims->size; i++) value->shape.dim[i] = t.dims->data[i];
  return is_sane(value->shape) ||
         reason->set("a tensor's shape is negative or beyond 2^31 elements");
}

bool GraphBuilder::read_constant(const tfl::Tensor& t, Value* value, Reason* reason) const {
  const size_t size = size_of(value->type);
  const size_t needed = bytes_of(value->type, value->shape);
  if (t.sparsity != nullptr) return reason->set("a constant is sparse");
  if (t.data == nullptr || t.bytes < needed)
    return reason->set("a constant must have %zu bytes; got %zu", needed, t.data ? t.bytes : 0);
  const size_t alignment = min<size_t>(size, 4);  // what every writer of files keeps
  if (reinterpret_cast<uintptr_t>(t.data) % alignment != 0)
    return reason->set("a constant does not lie at a multiple of %zu bytes in memory", alignment);
  value->data = t.data;
  return true;
}

// A float32 constant from one of float16. It points to the halves until `value_of` widens it.
bool GraphBuilder::read_half(int32_t tensor, Value* value, Reason* reason) const {
  const tfl::Tensor& half = context_->tensors[half_of_[tensor]];
  if (!read_type_and_shape(half, value, reason) || !read_constant(half, value, reason))
    return false;
  value->type = Type::kFloat32;
  return true;
}

bool GraphBuilder::describe(int32_t tensor, Value* value, Reason* reason) const {
  if (value_of_[tensor] >= 0) {
    *value = graph_->values[value_of_[tensor]];
    return true;
  }
  const tfl::Tensor& t = context_->tensors[tensor];
  *value = Value();
  value->tensor = tensor;
  if (t.is_variable) return reason->set("a tensor is a variable");
  if (half_of_[tensor] >= 0) return read_half(tensor, value, reason);
  if (!read_type_and_shape(t, value, reason)) return false;
  read_quantization(t, value);
  return t.allocation_type != tfl::kMmapRo || read_constant(t, value, reason);
}

bool GraphBuilder::may_read(int32_t tensor, int32_t position, Reason* reason) const {
  if (written_twice_[tensor]) return reason->set("several nodes write one of its inputs");
  return writer_[tensor] < position || reason->set("an input is computed after it is read");
}

bool GraphBuilder::may_write(int32_t tensor, Reason* reason) const {
  const tfl::Tensor& t = context_->tensors[tensor];
  if (written_twice_[tensor]) return reason->set("several nodes write its output");
  if (t.allocation_type == tfl::kMmapRo || t.is_variable)
    return reason->set("its output is a constant or a variable");
  return value_of_[tensor] < 0 || reason->set("its output is read before");
}

int32_t GraphBuilder::value_of(int32_t tensor) {
  if (value_of_[tensor] < 0) {
    Value value;
    Reason ignored;
    describe(tensor, &value, &ignored);
    value.input = value.data == nullptr;
    if (half_of_[tensor] >= 0 && value.data) widen(&value, graph_);
    value_of_[tensor] = static_cast<int32_t>(graph_->values.size());
    graph_->values.push(value);
  }
  return value_of_[tensor];
}

int32_t GraphBuilder::define(int32_t tensor, Type type, const Shape& shape) {
  Value value;
  value.tensor = tensor;
  value.type = type;
  value.shape = shape;
  read_quantization(context_->tensors[tensor], &value);
  value_of_[tensor] = static_cast<int32_t>(graph_->values.size());
  graph_->values.push(value);
  return value_of_[tensor];
}

}  // namespace bvit
