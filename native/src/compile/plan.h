// A net as chains of tile operations, region by region.
#pragma once

#include "base/object.h"
#include "compile/constants.h"
#include "compile/memory_plan.h"
#include "compile/net.h"
#include "kernels/tile/tile.h"
#include "ops/lce_op.h"

namespace bvit {

// Bits of a map turned, so that attention reads keys, or channels, side by side.
struct Transpose {
  bool values = false;     // keys: [words][padded rows]; values: [rows / 32][32 * words]
  Operand from, to;
  int32_t images = 1;      // one after the other
  int32_t rows = 0, words = 0, padded = 0;  // of an image
};

// Rows that come from or go to a tensor outside: `elements` of 4 bytes each.
struct Copy {
  Operand from, to;
  int32_t rows = 0, elements = 0;
};

// An operator without a fused form, on whole maps without padding.
struct WholeStep {
  LceOp* op = nullptr;
  Operand from, to;
  Vec<Copy> before, after;     // to and from maps without padding
};

struct PlannedRegion {
  int32_t rows = 0;
  int32_t strip_tiles = 1;
  int64_t scratch_bytes = 0;   // of a strip
  Vec<Transpose> transposes;   // before the first tile
  Vec<Chain> chains;
  size_t constant_bytes = 0;
  WholeStep whole;             // instead of chains
};

struct Plan {
  Plan() = default;
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan() {
    for (PlannedRegion& r : regions) delete_object(r.whole.op);
  }

  Vec<PlannedRegion> regions;
  Vec<Copy> copies_in, copies_out;
  Vec<int32_t> externals;      // values behind spaces kExternal, kExternal + 1, ...
  int64_t arena_bytes = 0, scratch_bytes = 0;
};

struct PlanOptions {
  const Kernels* kernels = nullptr;
  int32_t threads = 1;
  int64_t strip_bytes = 1 << 18;  // of scratch that a strip of tiles may use
};

// False with a message where a net can't be planned.
bool make_plan(const Net& net, const Vec<Region>& regions, const PlanOptions& options,
               Constants* constants, Plan* plan, char* error, size_t error_size);

}  // namespace bvit
