#include "fake_runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/export.h"
#include "fake_interpreter.h"
#include "numbers.h"
#include "random.h"
#include "settings.h"
#include "shapes.h"

BVIT_EXPORT void tflite_plugin_destroy_delegate(bvit::tfl::Delegate*);
BVIT_EXPORT size_t larq_bvit_profile_json(bvit::tfl::Delegate*, char*, size_t);
BVIT_EXPORT size_t larq_bvit_activation_bytes(const bvit::tfl::Delegate*);

namespace fuzz {
namespace {

namespace tfl = bvit::tfl;

constexpr size_t kMostBytes = 4 << 20;  // of all tensors: what is larger only takes time

[[noreturn]] void fail(const char* what, const std::string& detail) {
  fprintf(stderr, "%s: %s\n", what, detail.c_str());
  abort();
}

class Run {
 public:
  Run(const Case& c, const Settings& settings)
      : random_(c.run_seed), interpreter_(c, settings.interpreter_threads, settings.open_shapes),
        delegate_(create_delegate(settings)), file_nodes_(interpreter_.raw_nodes()) {}

  ~Run() {
    if (random_.one_in(2)) destroy_delegate();  // a kernel may outlive its delegate
    interpreter_.free_kernels();
    destroy_delegate();
  }

  Outcome run() {
    if (!interpreter_.sizes_fit() && random_.one_in(2)) return Outcome::kNotLoaded;
    if (delegate_ == nullptr || interpreter_.apply(delegate_) != tfl::kOk) return Outcome::kRefused;
    if (interpreter_.kernels() == 0) return Outcome::kUnclaimed;
    make_dynamic();
    readable_ = find_shapes(interpreter_.context(), file_nodes_).of_outputs.size();
    Outcome outcome = Outcome::kRan;
    bool as_loaded = interpreter_.sizes_fit();
    for (int rounds = 1 + random_.below(2); rounds > 0; rounds--) {
      if (!as_loaded || random_.one_in(3)) {
        change_shapes();
        as_loaded = false;
      }
      outcome = allocate_and_invoke(as_loaded);
      as_loaded = false;
    }
    read_reports();
    return outcome;
  }

  const std::string& last_error() const { return interpreter_.last_error(); }
  const std::vector<uint8_t>& results() const { return results_; }

 private:
  void destroy_delegate() {
    if (delegate_) tflite_plugin_destroy_delegate(delegate_);
    delegate_ = nullptr;
  }

  // As operators do whose outputs' shapes depend on numbers.
  void make_dynamic() {
    for (int32_t t : interpreter_.written_by_others())
      if (random_.one_in(8)) interpreter_.tensors()[t].allocation_type = tfl::kDynamic;
  }

  // As callers resize inputs, and operators that the delegate does not know find their outputs'
  // shapes; or anything.
  void change_shapes() {
    std::vector<bool> found(interpreter_.tensors().size());
    if (!random_.one_in(4))
      for (const FoundShape& s : find_shapes(interpreter_.context(), file_nodes_).of_outputs)
        found[s.tensor] = true;
    for (size_t t = 0; t < found.size(); t++) {
      const tfl::Tensor& tensor = interpreter_.tensors()[t];
      if (found[t] || tensor.allocation_type == tfl::kMmapRo || !random_.one_in(3)) continue;
      std::vector<int32_t> dims(tensor.dims->data, tensor.dims->data + tensor.dims->size);
      if (dims.empty()) continue;
      static const int32_t kSizes[] = {0, 1, 2, 3, 5, 7, 8, 32, 33};
      dims[random_.below(random_.one_in(4) ? dims.size() : (dims.size() + 1) / 2)] =
          kSizes[random_.below(9)];
      interpreter_.resize(t, dims);
    }
  }

  // False where no runtime would go on with these shapes.
  bool propagate_shapes() {
    const FoundShapes found = find_shapes(interpreter_.context(), file_nodes_);
    const std::vector<int32_t> left = interpreter_.left_nodes();
    for (const FoundShape& s : found.of_outputs)
      for (int32_t node : left)
        if (node == s.node) interpreter_.resize(s.tensor, s.dims);
    return found.fit && found.of_outputs.size() >= readable_;
  }

  Outcome allocate_and_invoke(bool as_loaded) {
    const bool fits = propagate_shapes();
    if (!fits && random_.one_in(2)) return Outcome::kNotLoaded;
    for (size_t k = 0; k < interpreter_.kernels(); k++) {
      if (interpreter_.prepare(k) == tfl::kOk) continue;
      const bool memory = strstr(last_error().c_str(), "memory") != nullptr;
      if (as_loaded && fits && !memory)
        fail("a graph that was only loaded is refused", last_error());
      return fits ? Outcome::kUnprepared : Outcome::kNotLoaded;
    }
    if (!interpreter_.allocate(kMostBytes)) return Outcome::kTooLarge;
    for (int repeat = random_.below(2); repeat >= 0; repeat--) {
      fill_with_numbers(&interpreter_.tensors(), &random_);
      const bool loses = random_.one_in(32);
      if (loses) lose_memory();
      if (invoke_all()) {
        if (!loses) invoke_again();
        continue;
      }
      if (!loses) fail("what was prepared does not run", last_error());
      return Outcome::kFailed;
    }
    return Outcome::kRan;
  }

  bool invoke_all() {
    for (size_t k = 0; k < interpreter_.kernels(); k++)
      if (interpreter_.invoke(k) != tfl::kOk) return false;
    return true;
  }

  // With the same inputs, and something else in the outputs.
  void invoke_again() {
    const std::vector<uint8_t> first = outputs();
    for (size_t k = 0; k < interpreter_.kernels(); k++)
      for_outputs(k, [](tfl::Tensor* t) { memset(t->data, 0xa5, t->bytes); });
    if (!invoke_all()) fail("what has run does not run again", last_error());
    const std::vector<uint8_t> second = outputs();
    for (size_t i = 0; i < first.size(); i++)
      if (first[i] != second[i])
        fail("results of the same inputs differ", "from byte " + std::to_string(i) + " on");
    results_.insert(results_.end(), first.begin(), first.end());
  }

  template <class Use>
  void for_outputs(size_t kernel, Use use) {
    const tfl::IntArray& list = *interpreter_.kernel(kernel).outputs;
    for (int32_t i = 0; i < list.size; i++)
      if (list.data[i] >= 0 && interpreter_.tensors()[list.data[i]].data)
        use(&interpreter_.tensors()[list.data[i]]);
  }

  std::vector<uint8_t> outputs() {
    std::vector<uint8_t> all;
    for (size_t k = 0; k < interpreter_.kernels(); k++)
      for_outputs(k, [&all](tfl::Tensor* t) { append_numbers(*t, &all); });
    return all;
  }

  // A tensor that an operator of the runtime has made smaller, or not at all.
  void lose_memory() {
    tfl::Tensor* t = random_.any(&interpreter_.tensors());
    if (t == nullptr || t->allocation_type == tfl::kMmapRo || t->data == nullptr) return;
    interpreter_.free_data(t);
    if (random_.one_in(2)) return;
    t->bytes /= 2;
    t->data = calloc(1, t->bytes);
  }

  void read_reports() {
    larq_bvit_activation_bytes(delegate_);
    std::vector<char> text(larq_bvit_profile_json(delegate_, nullptr, 0) + 1);
    text.resize(1 + random_.below(text.size()));  // all of it, or what there is room for
    larq_bvit_profile_json(delegate_, text.data(), text.size());
  }

  Random random_;
  FakeInterpreter interpreter_;
  tfl::Delegate* delegate_;
  bvit::Vec<bvit::RawNode> file_nodes_;
  size_t readable_ = 0;  // outputs whose shapes are found when the graph is loaded
  std::vector<uint8_t> results_;
};

}  // namespace

const char* name_of(Outcome outcome) {
  static const char* const kNames[] = {"not loaded", "refused",   "unclaimed", "unprepared",
                                       "too large",  "failed",    "ran"};
  return kNames[static_cast<int>(outcome)];
}

Outcome run_case(const Case& c, std::string* last_error) {
  Random random(c.run_seed ^ 0x5e771465);
  const Settings settings = choose_settings(&random);
  Run run(c, settings);
  const Outcome outcome = run.run();
  if (last_error) *last_error = run.last_error();
  if (outcome != Outcome::kRan || !random.one_in(4)) return outcome;
  Run other(c, change_settings(settings, &random));
  if (other.run() != Outcome::kRan) fail("runs with some settings", other.last_error());
  if (other.results() != run.results()) fail("results differ", "between settings");
  return outcome;
}

}  // namespace fuzz
