#include "run/executor.h"

#include "base/denormals.h"
#include "base/math.h"
#include "base/memory.h"
#include "run/thread_pool.h"

namespace bvit {
class Executor {
 public:
  Executor(const Plan& plan, const Kernels* kernels, ThreadPool* pool, bool profiled)
      : plan_(plan), kernels_(kernels), pool_(profiled ? nullptr : pool), next_(plan.regions.size() + 1, 0) {
    if (profiled) profiler_ = create_object<Profiler>(plan);
  }
  ~Executor() {
    delete_object(profiler_);
    free(arena_);
    for (void* p : scratch_) free(p);
  }

  bool allocate_maps() {
    arena_ = static_cast<uint8_t*>(allocate_large(static_cast<size_t>(plan_.arena_bytes) + kAlign));
    if (arena_ == nullptr) return false;
    for (int t = 0; t < threads(); t++) {
      void* p = allocate(static_cast<size_t>(plan_.scratch_bytes) + kAlign);
      if (p == nullptr) return false;
      scratch_.push(p);
      spaces_.push(Vec<uint8_t*>(kExternal + plan_.externals.size(), nullptr));
      spaces_.back()[kArena] = arena_;
      spaces_.back()[kScratch] = static_cast<uint8_t*>(p);
    }
    return true;
  }

  bool run(void* const* tensors) {
    tensors_ = tensors;
    for (int32_t value : plan_.externals)
      if (tensors[value] == nullptr) return false;
    for (int32_t& n : next_) n = 0;
    if (profiler_) profiler_->begin_run();
    if (pool_) {
      pool_->run([](void* self, int thread) { static_cast<Executor*>(self)->work(thread); }, this);
    } else {
      work(0);
    }
    return true;
  }

  const Profiler* profiler() const { return profiler_; }

 private:
  int threads() const { return pool_ ? pool_->threads() : 1; }
  void barrier() {
    if (pool_) pool_->barrier();
  }

  void work(int thread) {
    const FlushDenormals flush;
    Vec<uint8_t*>& spaces = spaces_[thread];
    for (size_t i = 0; i < plan_.externals.size(); i++)
      spaces[kExternal + i] = static_cast<uint8_t*>(tensors_[plan_.externals[i]]);
    copy_all(plan_.copies_in, spaces, thread);
    barrier();
    for (size_t r = 0; r < plan_.regions.size(); r++) {
      run_region(plan_.regions[r], static_cast<int>(r), spaces, thread);
      barrier();
    }
    copy_all(plan_.copies_out, spaces, thread);
  }

  void copy_all(const Vec<Copy>& copies, const Vec<uint8_t*>& spaces, int thread) {
    const TileContext whole = {spaces.data(), 0, 0};
    for (size_t i = static_cast<size_t>(thread); i < copies.size(); i += threads()) {
      const Copy& c = copies[i];
      const uint8_t* from = address(c.from, whole);
      uint8_t* to = address(c.to, whole);
      for (int32_t r = 0; r < c.rows; r++, from += 4LL * c.from.ld, to += 4LL * c.to.ld)
        memcpy(to, from, 4 * static_cast<size_t>(c.elements));
    }
  }

  void run_region(const PlannedRegion& region, int number, const Vec<uint8_t*>& spaces, int thread) {
    if (!region.transposes.empty()) {
      for (size_t i = static_cast<size_t>(thread); i < region.transposes.size(); i += threads())
        transpose(region.transposes[i], spaces);
      barrier();
    }
    if (region.whole.op) {
      const double start = profiler_ ? Profiler::now() : 0;
      run_whole(region, spaces, thread);
      if (profiler_) profiler_->add(number, Profiler::now() - start);
      return;
    }
    const int32_t tiles = static_cast<int32_t>(ceil_div(region.rows, kRows));
    const int32_t strips = static_cast<int32_t>(ceil_div(tiles, region.strip_tiles));
    for (;;) {
      const int32_t strip = __atomic_fetch_add(&next_[number], 1, __ATOMIC_RELAXED);
      if (strip >= strips) return;
      TileContext c = {spaces.data(), strip * region.strip_tiles * kRows, 0};
      c.tiles = min(region.strip_tiles, tiles - strip * region.strip_tiles);
      for (size_t i = 0; i < region.chains.size(); i++) {
        if (profiler_) {
          profiler_->run_chain(*kernels_, region.chains[i], c, number, static_cast<int32_t>(i));
        } else {
          kernels_->run_chain(region.chains[i], c);
        }
      }
    }
  }

  void run_whole(const PlannedRegion& region, const Vec<uint8_t*>& spaces, int thread) {
    const WholeStep& step = region.whole;
    const TileContext whole = {spaces.data(), 0, 0};
    copy_all(step.before, spaces, thread);
    barrier();
    const int64_t begin = static_cast<int64_t>(region.rows) * thread / threads();
    const int64_t end = static_cast<int64_t>(region.rows) * (thread + 1) / threads();
    if (begin < end) step.op->run(address(step.from, whole), address(step.to, whole), begin, end, scratch_[thread]);
    barrier();
    copy_all(step.after, spaces, thread);
  }

  void transpose(const Transpose& t, const Vec<uint8_t*>& spaces) {
    const TileContext whole = {spaces.data(), 0, 0};
    const uint32_t* from = reinterpret_cast<const uint32_t*>(address(t.from, whole));
    uint32_t* to = reinterpret_cast<uint32_t*>(address(t.to, whole));
    for (int32_t image = 0; image < t.images; image++) {
      t.values ? transpose_values(t, from, to) : transpose_keys(t, from, to);
      from += static_cast<int64_t>(t.rows) * t.from.ld;
      to += static_cast<int64_t>(t.words) * t.padded;
    }
  }

  // Word w of all rows side by side.
  static void transpose_keys(const Transpose& t, const uint32_t* from, uint32_t* to) {
    const int64_t ld = t.from.ld;
    for (int32_t w = 0; w < t.words; w++)
      for (int32_t r = 0; r < t.padded; r++) to[static_cast<int64_t>(w) * t.padded + r] = r < t.rows ? from[r * ld + w] : 0;
  }

  // Bits of 32 rows as one word, for each channel.
  static void transpose_values(const Transpose& t, const uint32_t* from, uint32_t* to) {
    const int64_t ld = t.from.ld;
    for (int32_t block = 0; block < t.padded / 32; block++)
      for (int32_t w = 0; w < t.words; w++) {
        uint32_t bits[32];
        for (int32_t r = 0; r < 32; r++) bits[r] = 32 * block + r < t.rows ? from[(32 * block + r) * ld + w] : 0;
        turn(bits);
        memcpy(to + static_cast<int64_t>(block) * t.to.ld + 32 * w, bits, sizeof(bits));
      }
  }

  // A matrix of 32 x 32 bits: bit c of word r becomes bit r of word c, by halves.
  static void turn(uint32_t (&a)[32]) {
    uint32_t mask = 0x0000ffff;
    for (int j = 16; j != 0; j >>= 1, mask ^= mask << j)
      for (int k = 0; k < 32; k = ((k | j) + 1) & ~j) {
        const uint32_t t = (a[k] >> j ^ a[k | j]) & mask;
        a[k] ^= t << j;
        a[k | j] ^= t;
      }
  }

  const Plan& plan_;
  const Kernels* kernels_;
  ThreadPool* pool_;   // null: the caller's thread alone
  Vec<int32_t> next_;  // strip of each region that is taken next
  uint8_t* arena_ = nullptr;
  Vec<void*> scratch_;             // of each thread
  Vec<Vec<uint8_t*>> spaces_;      // what operands' spaces are for each thread
  void* const* tensors_ = nullptr;
  Profiler* profiler_ = nullptr;
};

Executor* new_executor(const Plan& plan, const Kernels* kernels, ThreadPool* pool, bool profiled) {
  void* memory = malloc(sizeof(Executor));
  if (memory == nullptr) return nullptr;
  Executor* e = new (PlacementTag(), memory) Executor(plan, kernels, pool, profiled);
  if (e->allocate_maps() && (!profiled || e->profiler())) return e;
  delete_executor(e);
  return nullptr;
}

void delete_executor(Executor* executor) {
  if (executor == nullptr) return;
  executor->~Executor();
  free(executor);
}

bool execute(Executor* executor, void* const* tensors) { return executor->run(tensors); }

const Profiler* profiler_of(const Executor* executor) { return executor->profiler(); }

}  // namespace bvit
