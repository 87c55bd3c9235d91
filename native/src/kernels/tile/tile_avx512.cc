// Fused tiles for AVX-512 with VPOPCNTDQ: 7 rows x 2 registers of 16 channels.
#include <immintrin.h>

#include "base/math.h"
#include "kernels/bgemm/bgemm_tile_avx512.h"
#include "kernels/tile/tile.h"

namespace bvit {
namespace avx512 {

typedef __m512 V;
constexpr int kLanes = 16;
constexpr int kVecs = kBlock / kLanes;

#define BVIT_TARGET __attribute__((noinline))
#define BVIT_UNROLL _Pragma("GCC unroll 16")

static inline V load(const float* p) { return _mm512_loadu_ps(p); }
static inline void store(float* p, V x) { _mm512_storeu_ps(p, x); }
static inline V set1(float x) { return _mm512_set1_ps(x); }
static inline V add(V a, V b) { return _mm512_add_ps(a, b); }
static inline V sub(V a, V b) { return _mm512_sub_ps(a, b); }
static inline V mul(V a, V b) { return _mm512_mul_ps(a, b); }
static inline V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
static inline V vmin(V a, V b) { return _mm512_min_ps(a, b); }
static inline V vmax(V a, V b) { return _mm512_max_ps(a, b); }
static inline void store_less(uint32_t* to, const V (&z)[kVecs], const V (&threshold)[kVecs]) {
  typedef __mmask16 __attribute__((may_alias)) Half;  // straight from a mask register
  Half* halves = reinterpret_cast<Half*>(to);
  halves[0] = _mm512_cmp_ps_mask(z[0], threshold[0], _CMP_LT_OQ);
  halves[1] = _mm512_cmp_ps_mask(z[1], threshold[1], _CMP_LT_OQ);
}

static inline __attribute__((always_inline)) void as_floats(const __m512i (&counts)[kRows][kVecs],
                                                            V (&z)[kRows][kVecs]) {
  BVIT_UNROLL for (int r = 0; r < kRows; r++) BVIT_UNROLL for (int v = 0; v < kVecs; v++)
      z[r][v] = _mm512_cvtepi32_ps(counts[r][v]);
}
static inline __attribute__((always_inline)) void count_differences(const uint32_t* a, int64_t lda,
                                                                    const uint32_t* w, int k,
                                                                    V (&z)[kRows][kVecs]) {
  __m512i counts[kRows][kVecs];
  bgemm_tile(a, lda, w, k, counts);
  as_floats(counts, z);
}
static inline __attribute__((always_inline)) void count_common(const uint32_t* a, int64_t lda,
                                                               const uint32_t* w, int64_t ldw,
                                                               int k, V (&z)[kRows][kVecs]) {
  __m512i counts[kRows][kVecs];
  bgemm_tile_and(a, lda, w, ldw, k, counts);
  as_floats(counts, z);
}

// Vectors of a permuted row come from at most this many vectors of the row before.
constexpr int kMaxSources = 8;

// What a vector of a permuted row is made of: `count` vectors (2, 4 or 8) from `first` on, or any.
struct Sources {
  int first, count;
  explicit Sources(const int32_t* index) {
    const __m512i source = _mm512_srli_epi32(_mm512_loadu_si512(index), 4);
    first = _mm512_reduce_min_epi32(source) & ~1;
    count = _mm512_reduce_max_epi32(source) + 1 - first;
    count = count <= 2 ? 2 : count <= 4 ? 4 : count <= kMaxSources ? 8 : 0;
  }
  bool operator==(const Sources& o) const { return first == o.first && count == o.count; }
};

// M vectors of each row from the same N: pairs are permuted by one instruction, and blended.
template <int N, int M>
static void permute_rows(const Chain& chain, const float* from, float* to, int rows, int i, int first) {
  __m512i lanes[M];
  __mmask16 masks[M][N / 2];
  for (int m = 0; m < M; m++) {
    lanes[m] = _mm512_sub_epi32(_mm512_loadu_si512(chain.index + i + 16 * m), _mm512_set1_epi32(16 * first));
    for (int pair = 0; pair < N / 2; pair++)
      masks[m][pair] = _mm512_cmpeq_epi32_mask(_mm512_srli_epi32(lanes[m], 5), _mm512_set1_epi32(pair));
  }
  from += 16 * first, to += i;
  for (int row = 0; row < rows; row++, from += chain.y.ld, to += chain.x.ld) {
    V x[N];
    BVIT_UNROLL for (int n = 0; n < N; n++) x[n] = load(from + 16 * n);
    BVIT_UNROLL for (int m = 0; m < M; m++) {
      V y = _mm512_permutex2var_ps(x[0], lanes[m], x[1]);
      BVIT_UNROLL for (int pair = 1; pair < N / 2; pair++)
          y = _mm512_mask_blend_ps(masks[m][pair], y, _mm512_permutex2var_ps(x[2 * pair], lanes[m], x[2 * pair + 1]));
      store(to + 16 * m, y);
    }
  }
}

template <int M>
static void permute_vectors(const Chain& chain, const float* from, float* to, int rows, int i, Sources s) {
  switch (s.count) {
    case 2: return permute_rows<2, M>(chain, from, to, rows, i, s.first);
    case 4: return permute_rows<4, M>(chain, from, to, rows, i, s.first);
    case 8: return permute_rows<8, M>(chain, from, to, rows, i, s.first);
    default: break;
  }
  for (int row = 0; row < rows; row++)
    for (int m = 0; m < M; m++)
      store(to + row * static_cast<int64_t>(chain.x.ld) + i + 16 * m,
            _mm512_i32gather_ps(_mm512_loadu_si512(chain.index + i + 16 * m), from + row * static_cast<int64_t>(chain.y.ld), 4));
}

static void run_permute(const Chain& chain, const TileContext& c) {
  float* to = reinterpret_cast<float*>(address(chain.x, c));
  const float* from = reinterpret_cast<const float*>(address(chain.y, c));
  for (int i = 0; i < chain.length;) {
    const Sources s(chain.index + i);
    int alike = 1;
    while (alike < 4 && i + 16 * alike < chain.length && Sources(chain.index + i + 16 * alike) == s) alike++;
    if (alike == 4) {
      permute_vectors<4>(chain, from, to, c.tiles * kRows, i, s);
    } else {
      alike = 1;
      permute_vectors<1>(chain, from, to, c.tiles * kRows, i, s);
    }
    i += 16 * alike;
  }
}

// Keys of one row and head at a time; their weights are kept between the sum and the comparison.
constexpr int kMaxKeys = 4096;

// exp is a table: of a distance (0 .. 32 * head_words), `low` by its last 4 bits, `high` by the rest.
struct Weights {
  V low, high;
  explicit Weights(const Chain& chain) {
    alignas(64) float a[16], b[16];
    const int most = 32 * chain.head_words;
    for (int i = 0; i < 16; i++) {
      a[i] = i <= most ? chain.exponentials[i] : 0;
      b[i] = 16 * i <= most ? chain.exponentials[16 * i] / chain.exponentials[0] : 0;
    }
    low = load(a), high = load(b);
  }
  V of(__m512i distance) const {
    return mul(_mm512_permutexvar_ps(distance, low),
               _mm512_permutexvar_ps(_mm512_srli_epi32(distance, 4), high));
  }
};

template <int kWords>
static inline __attribute__((always_inline)) float attend(const Chain& chain, const Weights& weights,
                                                          const uint32_t* q, const uint32_t* keys,
                                                          uint32_t* mask, float* kept) {
  const int words = kWords ? kWords : chain.head_words, count = chain.key_count;
  V sum = set1(0);
  for (int key = 0; key < count; key += 16) {
    __m512i distance = _mm512_setzero_si512();
    for (int w = 0; w < words; w++) {
      const __m512i k = _mm512_loadu_si512(keys + static_cast<int64_t>(w) * chain.padded_keys + key);
      const __m512i x = _mm512_xor_si512(k, _mm512_set1_epi32(static_cast<int>(q[w])));
      distance = _mm512_add_epi32(distance, _mm512_popcnt_epi32(x));
    }
    const __mmask16 there = count - key >= 16 ? 0xffff : (1u << (count - key)) - 1;
    const V e = _mm512_maskz_mov_ps(there, weights.of(distance));
    store(kept + key, e);
    sum = add(sum, e);
  }
  const V limit = set1(_mm512_reduce_add_ps(sum) * chain.threshold);
  int ones = 0;
  for (int key = 0; key < count; key += 32) {
    uint32_t bits = _mm512_cmp_ps_mask(load(kept + key), limit, _CMP_GT_OQ);
    if (key + 16 < count)
      bits |= static_cast<uint32_t>(_mm512_cmp_ps_mask(load(kept + key + 16), limit, _CMP_GT_OQ)) << 16;
    mask[key / 32] = bits;
    ones += __builtin_popcount(bits);
  }
  return static_cast<float>(ones);
}

template <int kWords>
static void scores_of(const Chain& chain, const TileContext& c) {
  alignas(64) float kept[kMaxKeys + 16];
  const Weights weights(chain);
  const uint32_t* q = reinterpret_cast<const uint32_t*>(address(chain.y, c));
  const uint32_t* keys = reinterpret_cast<const uint32_t*>(address(chain.keys, c));
  uint32_t* masks = reinterpret_cast<uint32_t*>(address(chain.x, c));
  float* ones = reinterpret_cast<float*>(address(chain.ones, c));
  for (int head = 0; head < chain.heads; head++)
    for (int row = 0; row < c.tiles * kRows; row++)
      ones[row * static_cast<int64_t>(chain.ones.ld) + head] = attend<kWords>(
          chain, weights, q + row * static_cast<int64_t>(chain.y.ld) + head * chain.head_words,
          keys + static_cast<int64_t>(head) * chain.head_words * chain.padded_keys,
          masks + row * static_cast<int64_t>(chain.x.ld) + head * chain.mask_words, kept);
}

namespace plain {
#include "kernels/tile/scores_plain.inl"
}

static void run_scores(const Chain& chain, const TileContext& c) {
  // tables of 16 x 16 weights, and only where no weight underflows
  const bool fits = chain.key_count <= kMaxKeys && chain.head_words < 8 &&
                    chain.exponentials[0] > 0;
  if (!fits) return plain::run_scores(chain, c);
  if (chain.head_words == 2) return scores_of<2>(chain, c);
  if (chain.head_words == 1) return scores_of<1>(chain, c);
  scores_of<0>(chain, c);
}

#include "kernels/tile/epilogue.inl"

}  // namespace avx512

void run_chain_avx512(const Chain& chain, const TileContext& c) { avx512::run_chain(chain, c); }

}  // namespace bvit
