// The exact mode: a partition of LCE operators, one after the other, each over its whole map.
#pragma once

#include "base/buffer.h"
#include "delegate/profile_visit.h"
#include "ops/lce_op.h"
#include "run/thread_pool.h"

namespace bvit {

class ExactProgram {
 public:
  ExactProgram() = default;
  ~ExactProgram();

  // Everything that `run` needs. All nodes must be LCE's (`is_lce`); the graph may be forgotten
  // afterwards, but for the constants that nodes read as inputs. The pool must outlive this. False where
  // memory ends.
  bool prepare(const Graph& graph, const Kernels* kernels, ThreadPool* pool, bool profiled);

  // `tensors`: by value, the data of the graph's inputs and outputs; of others nothing is read.
  void run(void* const* tensors);

  // Times of the runs so far, where `profiled` was set: one row per operator.
  void each_profile_row(ProfileVisit visit, void* with) const;

  // Memory for values inside of the partition.
  size_t activation_bytes() const;

 private:
  // Where a value's data lies.
  struct Place {
    int32_t slot = -1;              // a buffer of this program
    const void* constant = nullptr;
    int32_t tensor = -1;            // index of a value that comes or goes
  };
  struct Step {
    LceOp* op;
    Place in, out;
    Op kind;
    Type type;                      // of the output
    Shape shape;
    uint64_t nanoseconds;           // of all runs
  };
  struct Slot {
    int64_t bytes;
    int32_t free_after;             // the last step that reads what lies in it
  };

  struct Run;

  bool place_values(const Graph& graph, Vec<Place>* places);
  int32_t take_slot(int64_t bytes, int32_t step, int32_t last_read);
  void* address(const Place& place, void* const* tensors) const;
  void run_step(const Step& step, void* const* tensors, int thread) const;
  void time_step(size_t number, uint64_t* since);
  static void work(void* with, int thread);

  Vec<Step> steps_;
  Vec<Slot> slots_;
  Vec<int64_t> slot_offsets_;
  Buffer memory_, scratch_;
  size_t scratch_bytes_ = 0;        // of one thread
  ThreadPool* pool_ = nullptr;
  bool profiled_ = false;
};

}  // namespace bvit
