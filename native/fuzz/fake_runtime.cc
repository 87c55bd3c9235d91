#include "fake_runtime.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/export.h"
#include "delegate/layout.h"
#include "partition.h"

BVIT_EXPORT bvit::tfl::Delegate* tflite_plugin_create_delegate(const char* const*,
                                                               const char* const*, size_t,
                                                               void (*)(const char*));
BVIT_EXPORT void tflite_plugin_destroy_delegate(bvit::tfl::Delegate*);
BVIT_EXPORT size_t larq_bvit_profile_json(bvit::tfl::Delegate*, char*, size_t);

namespace fuzz {
namespace {

namespace tfl = bvit::tfl;

constexpr size_t kMostBytes = 4 << 20;  // of all tensors: what is larger only takes time

tfl::IntArray* new_array(const std::vector<int32_t>& values) {
  auto* array = static_cast<tfl::IntArray*>(malloc(sizeof(tfl::IntArray) + 4 * values.size()));
  array->size = static_cast<int32_t>(values.size());
  if (!values.empty()) memcpy(array->data, values.data(), 4 * values.size());
  return array;
}

// As the runtime counts: false where the number does not fit, or a dimension is negative.
bool bytes_of(const tfl::Tensor& t, size_t* bytes) {
  *bytes = bvit::element_bytes(t.type);
  for (int32_t i = 0; i < t.dims->size; i++)
    if (t.dims->data[i] < 0 ||
        __builtin_mul_overflow(*bytes, static_cast<size_t>(t.dims->data[i]), bytes))
      return false;
  return true;
}

struct Kernel {
  int32_t node;  // in the interpreter's list
};

class FakeRuntime {
 public:
  explicit FakeRuntime(const Case& c) : random_(c.run_seed), outputs_(c.outputs) {
    for (const CaseTensor& t : c.tensors) add_tensor(t);
    for (const CaseNode& n : c.nodes) add_node(n);
    inputs_ = c.inputs;
    memset(&context_, 0, sizeof(context_));
    context_.tensors_size = tensors_.size();
    context_.tensors = tensors_.data();
    context_.impl_ = this;
    context_.GetExecutionPlan = get_plan;
    context_.ResizeTensor = resize_tensor;
    context_.ReportError = report_error;
    context_.recommended_num_threads = static_cast<int32_t>(random_.below(4)) - 1;
    allow(false);
  }

  ~FakeRuntime() {
    if (random_.one_in(2)) destroy_delegate();  // a kernel may outlive its delegate
    for (size_t n = 0; n < nodes_.size(); n++) {
      if (registrations_[n].free) registrations_[n].free(&context_, nodes_[n].user_data);
      free(nodes_[n].inputs);
      free(nodes_[n].outputs);
      free(const_cast<void*>(nodes_[n].custom_initial_data));
      if (nodes_[n].builtin_data) free(nodes_[n].builtin_data);
    }
    destroy_delegate();
    for (tfl::Tensor& t : tensors_) {
      free(t.dims);
      free_data(&t);
    }
    free(plan_);
    forget_preview();
  }

  Outcome run() {
    if (!loads()) return Outcome::kNotLoaded;
    plan_ = new_array(numbers_up_to(nodes_.size()));
    if (!make_delegate()) return Outcome::kRefused;
    allow(true);
    const tfl::Status status = delegate_->Prepare(&context_, delegate_);
    allow(false);
    if (status != tfl::kOk) return Outcome::kRefused;
    if (kernels_.empty()) return Outcome::kUnclaimed;
    const int rounds = 1 + random_.below(2);
    Outcome outcome = Outcome::kRan;
    for (int round = 0; round < rounds; round++) {
      if (round || random_.one_in(3)) change_shapes();
      outcome = allocate_and_invoke();
    }
    read_profile();
    return outcome;
  }

 private:
  // --- loading ---

  void add_tensor(const CaseTensor& from) {
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

  void add_node(const CaseNode& from) {
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
    names_.push_back(from.custom_name);
    tfl::Registration r;
    memset(&r, 0, sizeof(r));
    r.builtin_code = from.builtin_code;
    r.version = 1;
    nodes_.push_back(n);
    registrations_.push_back(r);
  }

  bool loads() {
    for (size_t n = 0; n < nodes_.size(); n++)
      if (registrations_[n].builtin_code == tfl::kBuiltinCustom)
        registrations_[n].custom_name = names_[n].c_str();  // none moves from here on
    // most runtimes refuse sizes beyond all bounds, but not all
    return sizes_fit_ || random_.one_in(2);
  }

  bool make_delegate() {
    static const char* const kIsas[] = {"", "portable", "avx2", "avx512", "neon"};
    static const char* const kNumbers[] = {"0", "1", "2", "3"};
    const char* keys[] = {"isa", "exact", "verbose", "threads", "profile"};
    const char* values[] = {kIsas[random_.below(5)], kNumbers[random_.below(2)],
                            kNumbers[random_.one_in(8) ? 2 : 0],
                            kNumbers[random_.one_in(8) ? 2 : 1], kNumbers[random_.one_in(8)]};
    delegate_ = tflite_plugin_create_delegate(keys, values, 5, nullptr);
    if (delegate_ == nullptr) {  // this processor lacks the instruction set
      values[0] = "";
      delegate_ = tflite_plugin_create_delegate(keys, values, 5, nullptr);
    }
    return delegate_ != nullptr;
  }

  void destroy_delegate() {
    if (delegate_) tflite_plugin_destroy_delegate(delegate_);
    delegate_ = nullptr;
  }

  // --- running ---

  // As callers resize inputs, and as operators that the delegate has left find their outputs' shapes.
  void change_shapes() {
    for (size_t t = 0; t < tensors_.size(); t++) {
      if (tensors_[t].allocation_type != tfl::kArenaRw || !random_.one_in(4)) continue;
      std::vector<int32_t> dims(tensors_[t].dims->data,
                                tensors_[t].dims->data + tensors_[t].dims->size);
      if (dims.empty()) continue;
      static const int32_t kSizes[] = {0, 1, 2, 3, 5, 7, 8, 32, 33};
      dims[random_.below(random_.one_in(4) ? dims.size() : (dims.size() + 1) / 2)] =
          kSizes[random_.below(9)];
      resize_tensor(&context_, &tensors_[t], new_array(dims));
    }
  }

  Outcome allocate_and_invoke() {
    for (tfl::Tensor& t : tensors_)
      if (t.allocation_type == tfl::kArenaRw) free_data(&t);
    for (int32_t n : kernels_)
      if (registrations_[n].prepare(&context_, &nodes_[n]) != tfl::kOk)
        return Outcome::kUnprepared;
    if (!allocate()) return Outcome::kTooLarge;
    for (int repeat = random_.below(2); repeat >= 0; repeat--) {
      fill_inputs();
      if (random_.one_in(32)) lose_memory();
      for (int32_t n : kernels_)
        if (registrations_[n].invoke(&context_, &nodes_[n]) != tfl::kOk) return Outcome::kFailed;
    }
    return Outcome::kRan;
  }

  void read_profile() {
    std::vector<char> text(larq_bvit_profile_json(delegate_, nullptr, 0) + 1);
    text.resize(1 + random_.below(text.size()));  // all of it, or what there is room for
    larq_bvit_profile_json(delegate_, text.data(), text.size());
  }

  // Memory for what the nodes of the plan read and write; nothing for what lies in a partition.
  bool allocate() {
    std::vector<bool> needed(tensors_.size());
    for (int32_t i = 0; i < plan_->size; i++) {
      const tfl::Node& node = nodes_[plan_->data[i]];
      for (const tfl::IntArray* list : {node.inputs, node.outputs})
        for (int32_t k = 0; k < list->size; k++)
          if (list->data[k] >= 0) needed[list->data[k]] = true;
    }
    size_t all = 0;
    for (size_t t = 0; t < tensors_.size(); t++) {
      if (!needed[t] || tensors_[t].allocation_type != tfl::kArenaRw) continue;
      if (!bytes_of(tensors_[t], &tensors_[t].bytes)) return false;
      all += tensors_[t].bytes;
      if (tensors_[t].bytes > kMostBytes || all > kMostBytes) return false;
      tensors_[t].data = malloc(tensors_[t].bytes);
    }
    return true;
  }

  // Not outputs: MemorySanitizer aside, their old content is as good as any.
  void fill_inputs() {
    static const float kFloats[] = {0, -0.0f, 1, -1, 1e-40f, 3e38f, INFINITY, -INFINITY, NAN};
    for (tfl::Tensor& t : tensors_) {
      if (t.allocation_type != tfl::kArenaRw || t.data == nullptr) continue;
      const bool odd = random_.one_in(4);
      uint32_t* words = static_cast<uint32_t*>(t.data);
      for (size_t i = 0; i < t.bytes / 4; i++) {
        float value = static_cast<float>(static_cast<int32_t>(random_.next())) * 0x1p-30f;
        if (odd && random_.one_in(8)) value = kFloats[random_.below(9)];
        memcpy(&words[i], &value, 4);
        if (t.type != tfl::kFloat32) words[i] = static_cast<uint32_t>(random_.next());
      }
      if (t.type == tfl::kBool)
        for (size_t i = 0; i < t.bytes; i++) static_cast<uint8_t*>(t.data)[i] &= 1;
    }
  }

  // A tensor that an operator of the runtime has made smaller, or not at all.
  void lose_memory() {
    tfl::Tensor* t = random_.any(&tensors_);
    if (t == nullptr || t->allocation_type != tfl::kArenaRw || t->data == nullptr) return;
    free_data(t);
    if (random_.one_in(2)) return;
    t->bytes /= 2;
    t->data = calloc(1, t->bytes);
  }

  static void free_data(tfl::Tensor* t) {
    free(t->data);
    t->data = nullptr;
  }

  // --- functions of the context ---

  static FakeRuntime* self(tfl::Context* c) { return static_cast<FakeRuntime*>(c->impl_); }

  void allow(bool nodes) {
    context_.GetNodeAndRegistration = nodes ? get_node : forbidden_node;
    context_.ReplaceNodeSubsetsWithDelegateKernels = nodes ? replace : forbidden_replace;
    context_.PreviewDelegatePartitioning = nodes ? preview : forbidden_preview;
  }

  static tfl::Status get_plan(tfl::Context* c, tfl::IntArray** plan) {
    *plan = self(c)->plan_;
    return tfl::kOk;
  }

  static tfl::Status get_node(tfl::Context* c, int32_t index, tfl::Node** node,
                              tfl::Registration** registration) {
    FakeRuntime* runtime = self(c);
    if (index < 0 || static_cast<size_t>(index) >= runtime->nodes_.size()) return tfl::kError;
    *node = &runtime->nodes_[index];
    *registration = &runtime->registrations_[index];
    return tfl::kOk;
  }

  static tfl::Status forbidden_node(tfl::Context*, int32_t, tfl::Node**, tfl::Registration**) {
    return tfl::kError;
  }

  static tfl::Status forbidden_replace(tfl::Context*, tfl::Registration, const tfl::IntArray*,
                                       tfl::Delegate*) {
    return tfl::kError;
  }

  static tfl::Status forbidden_preview(tfl::Context*, const tfl::IntArray*, tfl::DelegateParams**,
                                       int32_t*) {
    return tfl::kError;
  }

  static tfl::Status resize_tensor(tfl::Context*, tfl::Tensor* tensor, tfl::IntArray* dims) {
    free(tensor->dims);
    tensor->dims = dims;
    return bytes_of(*tensor, &tensor->bytes) ? tfl::kOk : tfl::kError;
  }

  static void report_error(tfl::Context*, const char* format, ...) {
    if (!tell_errors) return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
  }

  std::vector<Partition> partitions_with(const tfl::IntArray* claimed) const {
    std::vector<bool> is_claimed(nodes_.size());
    for (int32_t i = 0; i < claimed->size; i++) is_claimed.at(claimed->data[i]) = true;
    return partitions(nodes_, is_claimed, outputs_, tensors_.size());
  }

  // The runtime owns what it gives, and forgets it at the next call.
  static tfl::Status preview(tfl::Context* c, const tfl::IntArray* claimed,
                             tfl::DelegateParams** parts, int32_t* count) {
    FakeRuntime* runtime = self(c);
    runtime->forget_preview();
    for (const Partition& part : runtime->partitions_with(claimed))
      if (part.claimed)
        runtime->previewed_.push_back({nullptr, new_array(part.nodes), new_array(part.inputs),
                                       new_array(part.outputs)});
    *parts = runtime->previewed_.data();
    *count = static_cast<int32_t>(runtime->previewed_.size());
    return tfl::kOk;
  }

  void forget_preview() {
    for (tfl::DelegateParams& part : previewed_) {
      free(part.nodes_to_replace);
      free(part.input_tensors);
      free(part.output_tensors);
    }
    previewed_.clear();
  }

  static tfl::Status replace(tfl::Context* c, tfl::Registration registration,
                             const tfl::IntArray* claimed, tfl::Delegate* delegate) {
    FakeRuntime* runtime = self(c);
    // `nodes_` must not move while the delegate looks at them
    runtime->nodes_.reserve(2 * runtime->nodes_.size() + 1);
    runtime->registrations_.reserve(2 * runtime->registrations_.size() + 1);
    std::vector<int32_t> plan;
    for (const Partition& part : runtime->partitions_with(claimed)) {
      if (!part.claimed) {
        plan.insert(plan.end(), part.nodes.begin(), part.nodes.end());
        continue;
      }
      plan.push_back(static_cast<int32_t>(runtime->nodes_.size()));
      runtime->add_kernel(registration, part, delegate);
    }
    free(runtime->plan_);
    runtime->plan_ = new_array(plan);
    return tfl::kOk;
  }

  void add_kernel(const tfl::Registration& registration, const Partition& part,
                  tfl::Delegate* delegate) {
    tfl::Node node;
    memset(&node, 0, sizeof(node));
    node.inputs = new_array(part.inputs);
    node.outputs = new_array(part.outputs);
    tfl::DelegateParams params = {delegate, new_array(part.nodes), node.inputs, node.outputs};
    node.user_data = registration.init(&context_, reinterpret_cast<const char*>(&params), 0);
    free(params.nodes_to_replace);
    kernels_.push_back(static_cast<int32_t>(nodes_.size()));
    nodes_.push_back(node);
    registrations_.push_back(registration);
  }

  static std::vector<int32_t> numbers_up_to(size_t n) {
    std::vector<int32_t> numbers(n);
    for (size_t i = 0; i < n; i++) numbers[i] = static_cast<int32_t>(i);
    return numbers;
  }

  Random random_;
  std::vector<tfl::Tensor> tensors_;
  std::vector<tfl::Node> nodes_;
  std::vector<tfl::Registration> registrations_;
  std::vector<std::string> names_;
  std::vector<int32_t> inputs_, outputs_, kernels_;
  std::vector<tfl::DelegateParams> previewed_;
  tfl::IntArray* plan_ = nullptr;
  tfl::Delegate* delegate_ = nullptr;
  tfl::Context context_;
  bool sizes_fit_ = true;
};

}  // namespace

bool tell_errors = false;

const char* name_of(Outcome outcome) {
  static const char* const kNames[] = {"not loaded", "refused",   "unclaimed", "unprepared",
                                       "too large",  "failed",    "ran"};
  return kNames[static_cast<int>(outcome)];
}

Outcome run_case(const Case& c) { return FakeRuntime(c).run(); }

}  // namespace fuzz
