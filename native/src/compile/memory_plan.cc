#include "compile/memory_plan.h"

#include "base/math.h"
#include "base/memory.h"
#include "compile/sort.h"

namespace bvit {
namespace {

// Some buffers that have their place, side by side in order of offsets, and what tells at a glance
// that all of them are in the way of another one's life, or none.
class Block {
 public:
  static constexpr size_t kMost = 64;

  size_t size() const { return buffers_.size(); }
  int64_t offset() const { return buffers_[0].offset; }

  // Whether `b` fits between these from `*at` on; else the lowest offset behind those in its way.
  bool admits(const PlannedBuffer& b, int64_t* at) const {
    if (b.last < first_ || last_ < b.first) return false;
    if (b.first <= first_end_ && last_begin_ <= b.last && *at + b.bytes > offset() && gap_ < b.bytes) {
      *at = max(*at, end_);
      return false;
    }
    for (const PlannedBuffer& other : buffers_) {
      if (other.last < b.first || b.last < other.first) continue;
      if (*at + b.bytes <= other.offset) return true;
      *at = max(*at, other.offset + other.bytes);
    }
    return false;
  }

  void insert(const PlannedBuffer& b) {
    size_t k = buffers_.size();
    buffers_.push(b);
    for (; k > 0 && buffers_[k - 1].offset > b.offset; k--) buffers_[k] = buffers_[k - 1];
    buffers_[k] = b;
    first_ = min(first_, b.first), last_begin_ = max(last_begin_, b.first);
    last_ = max(last_, b.last), first_end_ = min(first_end_, b.last);
    gap_ = 0, end_ = offset();
    for (const PlannedBuffer& other : buffers_) {
      gap_ = max(gap_, other.offset - end_);
      end_ = max(end_, other.offset + other.bytes);
    }
  }

  // Keeps the lower half.
  Block split() {
    Block halves[2];
    for (size_t i = 0; i < size(); i++) halves[2 * i / size()].insert(buffers_[i]);
    *this = static_cast<Block&&>(halves[0]);
    return static_cast<Block&&>(halves[1]);
  }

 private:
  Vec<PlannedBuffer> buffers_;
  int32_t first_ = INT32_MAX, last_begin_ = INT32_MIN;  // steps at which lives begin
  int32_t first_end_ = INT32_MAX, last_ = INT32_MIN;    // and end
  int64_t gap_ = 0, end_ = 0;  // the largest one between buffers; behind all of them
};

// All buffers that have their place. Maps of one size lie at a few offsets, one life after the other, so
// that most blocks are passed over whole.
class Placed {
 public:
  // The lowest offset at which `b` is free during its life.
  int64_t lowest(const PlannedBuffer& b) const {
    int64_t at = 0;
    for (const Block& block : blocks_)
      if (block.admits(b, &at)) break;
    return at;
  }

  void add(const PlannedBuffer& b) {
    if (blocks_.empty()) blocks_.push(Block());
    size_t k = blocks_.size() - 1;
    while (k > 0 && blocks_[k].offset() > b.offset) k--;
    blocks_[k].insert(b);
    if (blocks_[k].size() < Block::kMost) return;
    blocks_.push(Block());
    for (size_t i = blocks_.size() - 1; i > k + 1; i--) blocks_[i] = static_cast<Block&&>(blocks_[i - 1]);
    blocks_[k + 1] = blocks_[k].split();
  }

 private:
  Vec<Block> blocks_;
};

}  // namespace

int32_t MemoryPlan::add(int64_t bytes, int32_t step) {
  PlannedBuffer b;
  b.bytes = static_cast<int64_t>(round_up(static_cast<size_t>(bytes), kAlign));
  b.first = b.last = step;
  buffers_.push(b);
  return static_cast<int32_t>(buffers_.size()) - 1;
}

void MemoryPlan::use(int32_t buffer, int32_t step) {
  PlannedBuffer& b = buffers_[buffer];
  b.first = min(b.first, step);
  b.last = max(b.last, step);
}

// Largest first, each at the lowest place that is free during its life.
int64_t MemoryPlan::place() {
  Vec<int32_t> order;
  for (size_t i = 0; i < buffers_.size(); i++) order.push(static_cast<int32_t>(i));
  stable_sort(&order, [&](int32_t a, int32_t b) { return buffers_[a].bytes > buffers_[b].bytes; });
  int64_t total = 0;
  Placed placed;
  for (int32_t i : order) {
    PlannedBuffer& b = buffers_[i];
    b.offset = placed.lowest(b);
    total = max(total, b.offset + b.bytes);
    placed.add(b);
  }
  return total;
}

}  // namespace bvit
