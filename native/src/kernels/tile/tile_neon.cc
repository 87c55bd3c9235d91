// Fused tiles for NEON: 7 rows x 8 registers of 4 channels. 56 registers of numbers do not fit 32, so
// a tile lives in L1 between operations.
#include <arm_neon.h>

#include "base/attributes.h"
#include "base/math.h"
#include "kernels/bgemm/bgemm_tile_neon.h"
#include "kernels/tile/frequent.h"

namespace bvit {
namespace neon {

typedef float32x4_t V;
constexpr int kLanes = 4;
constexpr int kVecs = kBlock / kLanes;

#define BVIT_TARGET __attribute__((noinline))
#define BVIT_UNROLL BVIT_UNROLL_16

static inline V load(const float* p) { return vld1q_f32(p); }
static inline void store(float* p, V x) { vst1q_f32(p, x); }
static inline V set1(float x) { return vdupq_n_f32(x); }
static inline V add(V a, V b) { return vaddq_f32(a, b); }
static inline V sub(V a, V b) { return vsubq_f32(a, b); }
static inline V mul(V a, V b) { return vmulq_f32(a, b); }
static inline V fma(V a, V b, V c) { return vfmaq_f32(c, a, b); }
static inline V vmin(V a, V b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
static inline V vmax(V a, V b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
static inline V prelu(V slope, V x) { return vbslq_f32(vcltzq_f32(x), vmulq_f32(slope, x), x); }

// 32 lanes of all ones or zeros -> 32 bits
static inline uint32_t lane_bits(const uint32x4_t (&lanes)[kVecs]) {
  uint16x8_t half[4];
  BVIT_UNROLL for (int i = 0; i < 4; i++) half[i] = vuzp1q_u16(
      vreinterpretq_u16_u32(lanes[2 * i]), vreinterpretq_u16_u32(lanes[2 * i + 1]));
  const uint8x16_t weight = vreinterpretq_u8_u64(vdupq_n_u64(0x8040201008040201ull));
  uint8x16_t quarter[2];
  BVIT_UNROLL for (int i = 0; i < 2; i++) quarter[i] = vandq_u8(
      weight, vuzp1q_u8(vreinterpretq_u8_u16(half[2 * i]), vreinterpretq_u8_u16(half[2 * i + 1])));
  // 32 bytes -> 16 -> 8 -> 4: each pair of neighbours adds up
  uint8x16_t sum = vpaddq_u8(quarter[0], quarter[1]);
  sum = vpaddq_u8(sum, sum);
  sum = vpaddq_u8(sum, sum);
  return vgetq_lane_u32(vreinterpretq_u32_u8(sum), 0);
}

static inline void store_less(uint32_t* to, const V (&z)[kVecs], const V (&threshold)[kVecs]) {
  uint32x4_t less[kVecs];
  BVIT_UNROLL for (int v = 0; v < kVecs; v++) less[v] =
      vcltq_f32(z[v], threshold[v]);
  *to = lane_bits(less);
}

static inline void as_floats(const int32_t (&counts)[kRows][kBlock], V (&z)[kRows][kVecs]) {
  BVIT_UNROLL for (int r = 0; r < kRows; r++) BVIT_UNROLL for (int v = 0; v < kVecs; v++)
      z[r][v] = vcvtq_f32_s32(vld1q_s32(counts[r] + kLanes * v));
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

namespace plain {
#include "kernels/tile/scores_plain.inl"
}

static void run_permute(const Chain& chain, const TileContext& c) { plain::run_permute(chain, c); }

// Keys of one row and head at a time; their weights are kept between the sum and the comparison.
constexpr int kMaxKeys = 4096;

// Distances of one row to 4 keys.
static inline uint32x4_t distances(const Chain& chain, const uint32_t* q, const uint32_t* keys) {
  uint8x16_t bytes = vdupq_n_u8(0);
  for (int w = 0; w < chain.head_words; w++) {
    const uint32x4_t k = vld1q_u32(keys + static_cast<int64_t>(w) * chain.padded_keys);
    bytes = vaddq_u8(bytes, vcntq_u8(vreinterpretq_u8_u32(veorq_u32(k, vdupq_n_u32(q[w])))));
  }
  return vpaddlq_u16(vpaddlq_u8(bytes));
}

static float attend(const Chain& chain, const uint32_t* q, const uint32_t* keys, uint32_t* mask,
                    float* kept) {
  const int count = chain.key_count;
  V sum = set1(0);
  for (int key = 0; key < count; key += kLanes) {
    uint32_t d[kLanes];
    vst1q_u32(d, distances(chain, q, keys + key));
    BVIT_UNROLL for (int i = 0; i < kLanes; i++) kept[key + i] =
        key + i < count ? chain.exponentials[d[i]] : 0;
    sum = add(sum, load(kept + key));
  }
  const int padded = (count + 31) / 32 * 32;
  for (int key = (count + 3) / 4 * 4; key < padded; key++) kept[key] = 0;
  const V limit = set1(vaddvq_f32(sum) * chain.threshold);
  int ones = 0;
  for (int key = 0; key < padded; key += 32) {
    uint32x4_t above[kVecs];
    BVIT_UNROLL for (int v = 0; v < kVecs; v++) above[v] =
        vcgtq_f32(load(kept + key + kLanes * v), limit);
    mask[key / 32] = lane_bits(above);
    ones += __builtin_popcount(mask[key / 32]);
  }
  return static_cast<float>(ones);
}

static void run_scores(const Chain& chain, const TileContext& c) {
  // byte counts of at most 31 words; a limit below 0 would let in the zeros behind the last key
  const bool fits = chain.key_count <= kMaxKeys && chain.head_words < 32 && chain.threshold >= 0;
  if (!fits) return plain::run_scores(chain, c);
  alignas(16) float kept[kMaxKeys + 32];
  const uint32_t* q = reinterpret_cast<const uint32_t*>(address(chain.y, c));
  const uint32_t* keys = reinterpret_cast<const uint32_t*>(address(chain.keys, c));
  uint32_t* masks = reinterpret_cast<uint32_t*>(address(chain.x, c));
  float* ones = reinterpret_cast<float*>(address(chain.ones, c));
  for (int head = 0; head < chain.heads; head++)
    for (int row = 0; row < c.tiles * kRows; row++)
      ones[row * static_cast<int64_t>(chain.ones.ld) + head] =
          attend(chain, q + row * static_cast<int64_t>(chain.y.ld) + head * chain.head_words,
                 keys + static_cast<int64_t>(head) * chain.head_words * chain.padded_keys,
                 masks + row * static_cast<int64_t>(chain.x.ld) + head * chain.mask_words, kept);
}

#include "kernels/tile/epilogue.inl"

}  // namespace neon

void run_chain_neon(const Chain& chain, const TileContext& c) { neon::run_chain(chain, c); }

}  // namespace bvit
