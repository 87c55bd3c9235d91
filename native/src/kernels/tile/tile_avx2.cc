// Fused tiles for AVX2 and FMA: 7 rows x 4 registers of 8 channels. 28 registers of numbers do not
// fit 16, so a tile lives in L1 between operations.
#include <immintrin.h>

#include "base/attributes.h"
#include "base/math.h"
#include "kernels/bgemm/bgemm_tile_avx2.h"
#include "kernels/tile/frequent.h"

namespace bvit {
namespace avx2 {

typedef __m256 V;
constexpr int kLanes = 8;
constexpr int kVecs = kBlock / kLanes;

#define BVIT_TARGET __attribute__((noinline))
#define BVIT_UNROLL BVIT_UNROLL_16

static inline V load(const float* p) { return _mm256_loadu_ps(p); }
static inline void store(float* p, V x) { _mm256_storeu_ps(p, x); }
static inline V set1(float x) { return _mm256_set1_ps(x); }
static inline V add(V a, V b) { return _mm256_add_ps(a, b); }
static inline V sub(V a, V b) { return _mm256_sub_ps(a, b); }
static inline V mul(V a, V b) { return _mm256_mul_ps(a, b); }
static inline V fma(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }
static inline V vmin(V a, V b) { return _mm256_min_ps(a, b); }
static inline V vmax(V a, V b) { return _mm256_max_ps(a, b); }
static inline V prelu(V slope, V x) { return _mm256_blendv_ps(x, mul(slope, x), x); }
static inline void store_less(uint32_t* to, const V (&z)[kVecs], const V (&threshold)[kVecs]) {
  uint32_t bits = 0;
  BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
    const V less = _mm256_cmp_ps(z[v], threshold[v], _CMP_LT_OQ);
    bits |= static_cast<uint32_t>(_mm256_movemask_ps(less)) << kLanes * v;
  }
  *to = bits;
}

static inline void as_floats(const int32_t (&counts)[kRows][kBlock], V (&z)[kRows][kVecs]) {
  BVIT_UNROLL for (int r = 0; r < kRows; r++) BVIT_UNROLL for (int v = 0; v < kVecs; v++)
      z[r][v] = _mm256_cvtepi32_ps(
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(counts[r] + kLanes * v)));
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

// exp is a table: of a distance (0 .. 127), `low` by its last 4 bits, `high` by the rest.
struct Weights {
  V low[2], high;
  explicit Weights(const Chain& chain) {
    alignas(32) float a[16], b[8];
    const int most = 32 * chain.head_words;
    for (int i = 0; i < 16; i++) a[i] = i <= most ? chain.exponentials[i] : 0;
    for (int i = 0; i < 8; i++)
      b[i] = 16 * i <= most ? chain.exponentials[16 * i] / chain.exponentials[0] : 0;
    low[0] = load(a), low[1] = load(a + 8), high = load(b);
  }
  V of(__m256i distance) const {
    const V bit_3 = _mm256_castsi256_ps(_mm256_slli_epi32(distance, 28));
    const V x = _mm256_blendv_ps(_mm256_permutevar8x32_ps(low[0], distance),
                                 _mm256_permutevar8x32_ps(low[1], distance), bit_3);
    return mul(x, _mm256_permutevar8x32_ps(high, _mm256_srli_epi32(distance, 4)));
  }
};

// Distances of one row to 8 keys.
static inline __m256i distances(const Chain& chain, const uint32_t* q, const uint32_t* keys) {
  const __m256i ones = _mm256_broadcastsi128_si256(
      _mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
  const __m256i nibble = _mm256_set1_epi8(15);
  __m256i bytes = _mm256_setzero_si256();
  for (int w = 0; w < chain.head_words; w++) {
    const __m256i k = _mm256_loadu_si256(
        reinterpret_cast<const __m256i*>(keys + static_cast<int64_t>(w) * chain.padded_keys));
    const __m256i x = _mm256_xor_si256(k, _mm256_set1_epi32(static_cast<int>(q[w])));
    const __m256i low = _mm256_and_si256(x, nibble);
    const __m256i high = _mm256_and_si256(_mm256_srli_epi16(x, 4), nibble);
    bytes = _mm256_add_epi8(bytes, _mm256_add_epi8(_mm256_shuffle_epi8(ones, low),
                                                   _mm256_shuffle_epi8(ones, high)));
  }
  const __m256i pairs = _mm256_maddubs_epi16(bytes, _mm256_set1_epi8(1));
  return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
}

// Keys of one row and head at a time; their weights are kept between the sum and the comparison.
constexpr int kMaxKeys = 4096;

static float attend(const Chain& chain, const Weights& weights, const uint32_t* q,
                    const uint32_t* keys, uint32_t* mask, float* kept) {
  const int count = chain.key_count;
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  V sum = set1(0);
  for (int key = 0; key < count; key += kLanes) {
    const __m256i there = _mm256_cmpgt_epi32(_mm256_set1_epi32(count - key), lane);
    const V e = _mm256_and_ps(weights.of(distances(chain, q, keys + key)),
                              _mm256_castsi256_ps(there));
    store(kept + key, e);
    sum = add(sum, e);
  }
  alignas(32) float parts[kLanes];
  store(parts, sum);
  const float total = ((parts[0] + parts[4]) + (parts[2] + parts[6])) +
                      ((parts[1] + parts[5]) + (parts[3] + parts[7]));
  const V limit = set1(total * chain.threshold);
  int ones = 0;
  for (int key = 0; key < count; key += 32) {
    uint32_t bits = 0;
    for (int i = 0; i < 32 && key + i < count; i += kLanes) {
      const V above = _mm256_cmp_ps(load(kept + key + i), limit, _CMP_GT_OQ);
      bits |= static_cast<uint32_t>(_mm256_movemask_ps(above)) << i;
    }
    mask[key / 32] = bits;
    ones += __builtin_popcount(bits);
  }
  return static_cast<float>(ones);
}

static void run_scores(const Chain& chain, const TileContext& c) {
  // tables of 16 x 8 weights, and only where no weight underflows
  const bool fits = chain.key_count <= kMaxKeys && chain.head_words < 4 && chain.exponentials[0] > 0;
  if (!fits) return plain::run_scores(chain, c);
  alignas(32) float kept[kMaxKeys + kLanes];
  const Weights weights(chain);
  const uint32_t* q = reinterpret_cast<const uint32_t*>(address(chain.y, c));
  const uint32_t* keys = reinterpret_cast<const uint32_t*>(address(chain.keys, c));
  uint32_t* masks = reinterpret_cast<uint32_t*>(address(chain.x, c));
  float* ones = reinterpret_cast<float*>(address(chain.ones, c));
  for (int head = 0; head < chain.heads; head++)
    for (int row = 0; row < c.tiles * kRows; row++)
      ones[row * static_cast<int64_t>(chain.ones.ld) + head] = attend(
          chain, weights, q + row * static_cast<int64_t>(chain.y.ld) + head * chain.head_words,
          keys + static_cast<int64_t>(head) * chain.head_words * chain.padded_keys,
          masks + row * static_cast<int64_t>(chain.x.ld) + head * chain.mask_words, kept);
}

#include "kernels/tile/epilogue.inl"

}  // namespace avx2

void run_chain_avx2(const Chain& chain, const TileContext& c) { avx2::run_chain(chain, c); }

}  // namespace bvit
