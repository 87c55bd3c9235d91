// Fused tiles in plain C++; vectors of 4 floats are the compiler's.
#include "kernels/tile/frequent.h"

#include "base/attributes.h"
#include "base/math.h"
#include "kernels/bgemm/bgemm_tile_portable.h"

namespace bvit {
namespace portable {

typedef float V __attribute__((vector_size(16), aligned(4), may_alias));
constexpr int kLanes = 4;
constexpr int kVecs = kBlock / kLanes;

#define BVIT_TARGET
#define BVIT_UNROLL

static inline V load(const float* p) { return *reinterpret_cast<const V*>(p); }
static inline void store(float* p, V x) { *reinterpret_cast<V*>(p) = x; }
static inline V set1(float x) { return V{x, x, x, x}; }
static inline V add(V a, V b) { return a + b; }
static inline V sub(V a, V b) { return a - b; }
static inline V mul(V a, V b) { return a * b; }
static inline V fma(V a, V b, V c) { return a * b + c; }
static inline V vmin(V a, V b) {
  V x;
  for (int i = 0; i < kLanes; i++) x[i] = a[i] < b[i] ? a[i] : b[i];
  return x;
}
static inline V vmax(V a, V b) {
  V x;
  for (int i = 0; i < kLanes; i++) x[i] = a[i] > b[i] ? a[i] : b[i];
  return x;
}
static inline V prelu(V slope, V x) {
  for (int i = 0; i < kLanes; i++) x[i] = x[i] < 0 ? slope[i] * x[i] : x[i];
  return x;
}
static inline void store_less(uint32_t* to, const V (&z)[kVecs], const V (&threshold)[kVecs]) {
  uint32_t bits = 0;
  for (int i = 0; i < kBlock; i++)
    bits |= static_cast<uint32_t>(z[i / kLanes][i % kLanes] < threshold[i / kLanes][i % kLanes]) << i;
  *to = bits;
}

static inline void as_floats(const int32_t (&counts)[kRows][kBlock], V (&z)[kRows][kVecs]) {
  for (int r = 0; r < kRows; r++)
    for (int i = 0; i < kBlock; i++) z[r][i / kLanes][i % kLanes] = static_cast<float>(counts[r][i]);
}
static inline void count_differences(const uint32_t* a, int64_t lda, const uint32_t* w, int k,
                                     V (&z)[kRows][kVecs]) {
  int32_t counts[kRows][kBlock];
  bgemm_tile(a, lda, w, k, counts);
  as_floats(counts, z);
}
static inline void count_common(const uint32_t* a, int64_t lda, const uint32_t* w, int64_t ldw,
                                int k, V (&z)[kRows][kVecs]) {
  int32_t counts[kRows][kBlock];
  bgemm_tile_and(a, lda, w, ldw, k, counts);
  as_floats(counts, z);
}

#include "kernels/tile/scores_plain.inl"
#include "kernels/tile/epilogue.inl"

}  // namespace portable

void run_chain_portable(const Chain& chain, const TileContext& c) { portable::run_chain(chain, c); }

}  // namespace bvit
