#include "delegate/exact_program.h"

#include "base/denormals.h"
#include "base/math.h"
#include "base/object.h"
#include "graph/types.h"

namespace bvit {
namespace {

uint64_t now() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<uint64_t>(t.tv_sec) * 1000000000u + static_cast<uint64_t>(t.tv_nsec);
}

}  // namespace

ExactProgram::~ExactProgram() {
  for (Step& step : steps_) delete_object(step.op);
}

// A free slot that needs to grow least, or a new one.
int32_t ExactProgram::take_slot(int64_t bytes, int32_t step, int32_t last_read) {
  int32_t best = -1;
  for (size_t i = 0; i < slots_.size(); i++) {
    if (slots_[i].free_after >= step) continue;
    const bool fits = slots_[i].bytes >= bytes;
    const bool best_fits = best >= 0 && slots_[best].bytes >= bytes;
    const bool smaller = best >= 0 && slots_[i].bytes < slots_[best].bytes;
    if (best < 0 || (fits && (!best_fits || smaller)) || (!fits && !best_fits && !smaller))
      best = static_cast<int32_t>(i);
  }
  if (best < 0) {
    best = static_cast<int32_t>(slots_.size());
    slots_.push({0, 0});
  }
  slots_[best].bytes = max(slots_[best].bytes, bytes);
  slots_[best].free_after = last_read;
  return best;
}

bool ExactProgram::place_values(const Graph& graph, Vec<Place>* places) {
  Vec<int32_t> last_read(graph.values.size(), -1);
  for (size_t n = 0; n < graph.nodes.size(); n++)
    if (graph.nodes[n].in[0] >= 0) last_read[graph.nodes[n].in[0]] = static_cast<int32_t>(n);
  places->resize(graph.values.size());
  for (size_t v = 0; v < graph.values.size(); v++) {
    const Value& value = graph.values[v];
    (*places)[v].constant = value.data;
    if (value.input || value.output) (*places)[v].tensor = static_cast<int32_t>(v);
  }
  for (size_t n = 0; n < graph.nodes.size(); n++) {
    const int32_t v = graph.nodes[n].out[0];
    const Value& value = graph.values[v];
    if (value.output) continue;
    const int64_t bytes = static_cast<int64_t>(bytes_of(value.type, value.shape));
    const int32_t step = static_cast<int32_t>(n);
    (*places)[v].slot = take_slot(bytes, step, max(last_read[v], step));
  }
  int64_t total = 0;
  for (const Slot& slot : slots_) {
    slot_offsets_.push(total);
    total += static_cast<int64_t>(round_up(static_cast<size_t>(slot.bytes), kAlign));
  }
  return memory_.reserve<uint8_t>(total);
}

bool ExactProgram::prepare(const Graph& graph, const Kernels* kernels, ThreadPool* pool,
                           bool profiled) {
  pool_ = pool;
  profiled_ = profiled;
  Vec<Place> places;
  if (!place_values(graph, &places)) return false;
  for (const Node& node : graph.nodes) {
    const Value& out = graph.out(node);
    Step step = {create_object<LceOp>(), places[node.in[0]], places[node.out[0]],
                 node.op, out.type, out.shape, 0};
    if (step.op == nullptr) return false;
    steps_.push(step);
    if (!step.op->prepare(graph, node, kernels)) return false;
    scratch_bytes_ = max(scratch_bytes_, round_up(step.op->scratch_bytes(), kAlign));
  }
  return scratch_.reserve<uint8_t>(static_cast<int64_t>(scratch_bytes_) * pool->threads());
}

void* ExactProgram::address(const Place& place, void* const* tensors) const {
  if (place.constant) return const_cast<void*>(place.constant);
  if (place.tensor >= 0) return tensors[place.tensor];
  return memory_.as<uint8_t>() + slot_offsets_[place.slot];
}

// This thread's share of the rows.
void ExactProgram::run_step(const Step& step, void* const* tensors, int thread) const {
  const int64_t rows = step.op->rows(), threads = pool_->threads();
  const int64_t begin = rows * thread / threads, end = rows * (thread + 1) / threads;
  if (begin == end) return;
  step.op->run(address(step.in, tensors), address(step.out, tensors), begin, end,
               scratch_.as<uint8_t>() + scratch_bytes_ * thread);
}

void ExactProgram::time_step(size_t number, uint64_t* since) {
  const uint64_t end = now();
  steps_[number].nanoseconds += end - *since;
  *since = end;
}

void ExactProgram::each_profile_row(ProfileVisit visit, void* with) const {
  if (!profiled_) return;
  for (const Step& step : steps_) {
    char value[kValueText];
    describe_value(step.type, step.shape, value);
    visit(value, name_of(step.kind), step.nanoseconds, with);
  }
}

struct ExactProgram::Run {
  ExactProgram* program;
  void* const* tensors;
};

void ExactProgram::work(void* with, int thread) {
  const Run& run = *static_cast<const Run*>(with);
  const FlushDenormals flush;
  ExactProgram* program = run.program;
  const bool timed = program->profiled_ && thread == 0;
  uint64_t since = timed ? now() : 0;
  for (size_t i = 0; i < program->steps_.size(); i++) {
    program->run_step(program->steps_[i], run.tensors, thread);
    program->pool_->barrier();  // the next step reads this one's rows
    if (timed) program->time_step(i, &since);
  }
}

void ExactProgram::run(void* const* tensors) {
  Run run = {this, tensors};
  pool_->run(work, &run);
}

size_t ExactProgram::activation_bytes() const { return memory_.bytes() + scratch_.bytes(); }

}  // namespace bvit
