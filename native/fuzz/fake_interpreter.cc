// All memory lies in pieces of its exact size: AddressSanitizer sees what is read beyond them.
#include "fake_interpreter.h"

#include <stdlib.h>
#include <string.h>

#include "delegate/layout.h"

namespace fuzz {

namespace tfl = bvit::tfl;

tfl::IntArray* new_array(const std::vector<int32_t>& values) {
  auto* array = static_cast<tfl::IntArray*>(malloc(sizeof(tfl::IntArray) + 4 * values.size()));
  array->size = static_cast<int32_t>(values.size());
  if (!values.empty()) memcpy(array->data, values.data(), 4 * values.size());
  return array;
}

bool bytes_of(const tfl::Tensor& t, size_t* bytes) {
  *bytes = bvit::element_bytes(t.type);
  for (int32_t i = 0; i < t.dims->size; i++)
    if (t.dims->data[i] < 0 ||
        __builtin_mul_overflow(*bytes, static_cast<size_t>(t.dims->data[i]), bytes))
      return false;
  return true;
}

FakeInterpreter::FakeInterpreter(const Case& c, int32_t threads, bool open_shapes)
    : outputs_(c.outputs), signature_(new_array({open_shapes ? -1 : 1})) {
  for (const CaseTensor& t : c.tensors) add_tensor(t);
  names_.reserve(c.nodes.size());  // registrations point to them
  for (const CaseNode& n : c.nodes) add_node(n);
  std::vector<int32_t> plan(nodes_.size());
  for (size_t n = 0; n < plan.size(); n++) plan[n] = static_cast<int32_t>(n);
  plan_ = new_array(plan);
  memset(&context_, 0, sizeof(context_));
  context_.tensors_size = tensors_.size();
  context_.tensors = tensors_.data();
  if (!tensors_.empty()) tensors_[0].dims_signature = signature_;
  context_.impl_ = this;
  context_.GetExecutionPlan = get_plan;
  context_.ResizeTensor = resize_tensor;
  context_.ReportError = report_error;
  context_.recommended_num_threads = threads;
  allow(false);
}

FakeInterpreter::~FakeInterpreter() {
  free_kernels();
  for (tfl::Node& n : nodes_) {
    free(n.inputs);
    free(n.outputs);
    free(const_cast<void*>(n.custom_initial_data));
    free(n.builtin_data);
  }
  for (tfl::Tensor& t : tensors_) {
    free(t.dims);
    free_data(&t);
  }
  free(plan_);
  free(signature_);
  forget_preview();
}

void FakeInterpreter::free_kernels() {
  for (int32_t k : kernels_)
    if (registrations_[k].free) registrations_[k].free(&context_, nodes_[k].user_data);
  kernels_.clear();
}

// --- loading ---

void FakeInterpreter::add_tensor(const CaseTensor& from) {
  tfl::Tensor t;
  memset(&t, 0, sizeof(t));
  t.type = from.type;
  t.dims = new_array(from.dims);
  t.allocation_type = from.constant ? tfl::kMmapRo : tfl::kArenaRw;
  t.scale = from.scale, t.zero_point = from.zero_point;
  t.quantization_type = from.affine ? tfl::kAffineQuantization : 0;
  t.is_variable = from.variable;
  static int sparsity;  // only ever compared with null
  t.sparsity = from.sparse ? &sparsity : nullptr;
  t.buffer_handle = -1;
  t.name = "tensor";
  if (from.constant) {
    t.bytes = from.data.size();
    t.data = malloc(t.bytes);
    if (t.bytes) memcpy(t.data, from.data.data(), t.bytes);
  } else if (!bytes_of(t, &t.bytes)) {
    sizes_fit_ = false;
  }
  tensors_.push_back(t);
}

void FakeInterpreter::add_node(const CaseNode& from) {
  tfl::Node n;
  memset(&n, 0, sizeof(n));
  n.inputs = new_array(from.inputs);
  n.outputs = new_array(from.outputs);
  if (!from.custom_options.empty()) {
    void* options = malloc(from.custom_options.size());
    memcpy(options, from.custom_options.data(), from.custom_options.size());
    n.custom_initial_data = options;
    n.custom_initial_data_size = static_cast<int32_t>(from.custom_options.size());
  }
  if (from.has_builtin_options) {
    n.builtin_data = malloc(from.builtin_options.size());
    memcpy(n.builtin_data, from.builtin_options.data(), from.builtin_options.size());
  }
  tfl::Registration r;
  memset(&r, 0, sizeof(r));
  r.builtin_code = from.builtin_code;
  r.version = 1;
  names_.push_back(from.custom_name);
  if (r.builtin_code == tfl::kBuiltinCustom) r.custom_name = names_.back().c_str();
  nodes_.push_back(n);
  registrations_.push_back(r);
}

// --- running ---

tfl::Status FakeInterpreter::apply(tfl::Delegate* delegate) {
  allow(true);
  const tfl::Status status = delegate->Prepare(&context_, delegate);
  allow(false);
  return status;
}

tfl::Status FakeInterpreter::prepare(size_t k) {
  return registrations_[kernels_[k]].prepare(&context_, &nodes_[kernels_[k]]);
}

tfl::Status FakeInterpreter::invoke(size_t k) {
  return registrations_[kernels_[k]].invoke(&context_, &nodes_[kernels_[k]]);
}

bvit::Vec<bvit::RawNode> FakeInterpreter::raw_nodes() {
  bvit::Vec<bvit::RawNode> nodes;
  allow(true);
  bvit::collect_nodes(&context_, plan_, &nodes);
  allow(false);
  return nodes;
}

std::vector<int32_t> FakeInterpreter::left_nodes() const {
  std::vector<int32_t> left;
  for (int32_t i = 0; i < plan_->size; i++)
    if (registrations_[plan_->data[i]].prepare == nullptr) left.push_back(plan_->data[i]);
  return left;
}

std::vector<int32_t> FakeInterpreter::written_by_others() const {
  std::vector<int32_t> tensors;
  for (int32_t n : left_nodes())
    for (int32_t i = 0; i < nodes_[n].outputs->size; i++) {
      const int32_t t = nodes_[n].outputs->data[i];
      if (t >= 0 && tensors_[t].allocation_type == tfl::kArenaRw) tensors.push_back(t);
    }
  return tensors;
}

void FakeInterpreter::resize(size_t tensor, const std::vector<int32_t>& dims) {
  resize_tensor(&context_, &tensors_[tensor], new_array(dims));
}

bool FakeInterpreter::allocate(size_t most) {
  for (tfl::Tensor& t : tensors_)
    if (t.allocation_type != tfl::kMmapRo) free_data(&t);
  std::vector<bool> needed(tensors_.size());
  for (int32_t i = 0; i < plan_->size; i++) {
    const tfl::Node& node = nodes_[plan_->data[i]];
    for (const tfl::IntArray* list : {node.inputs, node.outputs})
      for (int32_t k = 0; k < list->size; k++)
        if (list->data[k] >= 0) needed[list->data[k]] = true;
  }
  size_t all = 0;
  for (size_t t = 0; t < tensors_.size(); t++) {
    if (!needed[t] || tensors_[t].allocation_type == tfl::kMmapRo) continue;
    if (!bytes_of(tensors_[t], &tensors_[t].bytes)) return false;
    all += tensors_[t].bytes;
    if (tensors_[t].bytes > most || all > most) return false;
    tensors_[t].data = malloc(tensors_[t].bytes);
  }
  return true;
}

void FakeInterpreter::free_data(tfl::Tensor* t) {
  free(t->data);
  t->data = nullptr;
}

}  // namespace fuzz
