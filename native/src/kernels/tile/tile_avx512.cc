// Fused tiles for AVX-512 with VPOPCNTDQ: 7 rows x 2 registers of 16 channels.
#include <immintrin.h>

#include "base/attributes.h"
#include "base/math.h"
#include "kernels/bgemm/bgemm_tile_avx512.h"
#include "kernels/tile/frequent.h"

namespace bvit {
namespace avx512 {

typedef __m512 V;
constexpr int kLanes = 16;
constexpr int kVecs = kBlock / kLanes;

#define BVIT_TARGET __attribute__((noinline))
#define BVIT_UNROLL BVIT_UNROLL_16

static inline V load(const float* p) { return _mm512_loadu_ps(p); }
static inline void store(float* p, V x) { _mm512_storeu_ps(p, x); }
static inline V set1(float x) { return _mm512_set1_ps(x); }
static inline V add(V a, V b) { return _mm512_add_ps(a, b); }
static inline V sub(V a, V b) { return _mm512_sub_ps(a, b); }
static inline V mul(V a, V b) { return _mm512_mul_ps(a, b); }
static inline V fma(V a, V b, V c) { return _mm512_fmadd_ps(a, b, c); }
static inline V vmin(V a, V b) { return _mm512_min_ps(a, b); }
static inline V vmax(V a, V b) { return _mm512_max_ps(a, b); }
static inline V prelu(V slope, V x) { return _mm512_mask_mul_ps(x, _mm512_movepi32_mask(_mm512_castps_si512(x)), slope, x); }
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
// They stay within the `limit` vectors of a row, behind which there may be nothing.
struct Sources {
  int first, count;
  Sources(const int32_t* index, int limit) {
    const __m512i source = _mm512_srli_epi32(_mm512_loadu_si512(index), 4);
    first = _mm512_reduce_min_epi32(source) & ~1;
    count = _mm512_reduce_max_epi32(source) + 1 - first;
    count = count <= 2 ? 2 : count <= 4 ? 4 : count <= kMaxSources ? 8 : 0;
    if (count > limit) count = 0;
    if (first + count > limit) first = limit - count;
  }
  bool operator==(const Sources& o) const { return first == o.first && count == o.count; }
};

// M vectors of each row from the same N: pairs are permuted by one instruction, and blended.
template <int N, int M>
static void permute_rows(const Chain& chain, const float* from, float* to, int rows, int i, int first) {
  __m512i lanes[M];
  __mmask16 masks[M][N / 2];
  V scale[M];
  for (int m = 0; m < M; m++) {
    lanes[m] = _mm512_sub_epi32(_mm512_loadu_si512(chain.index + i + 16 * m), _mm512_set1_epi32(16 * first));
    scale[m] = chain.scale ? load(chain.scale + i + 16 * m) : set1(1);
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
      store(to + 16 * m, mul(scale[m], y));
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
  for (int m = 0; m < M; m++, i += 16) {
    const __m512i lanes = _mm512_loadu_si512(chain.index + i);
    const V scale = chain.scale ? load(chain.scale + i) : set1(1);
    for (int row = 0; row < rows; row++)
      store(to + row * static_cast<int64_t>(chain.x.ld) + i,
            mul(scale, _mm512_i32gather_ps(lanes, from + row * static_cast<int64_t>(chain.y.ld), 4)));
  }
}

static void run_permute(const Chain& chain, const TileContext& c) {
  float* to = reinterpret_cast<float*>(address(chain.x, c));
  const float* from = reinterpret_cast<const float*>(address(chain.y, c));
  // a map from outside is read where it lies; ours have room behind them
  const int limit = chain.y.space >= kExternal ? chain.y.ld / 16 : INT32_MAX;
  for (int i = 0; i < chain.length;) {
    const Sources s(chain.index + i, limit);
    int alike = 1;
    while (alike < 4 && i + 16 * alike < chain.length && Sources(chain.index + i + 16 * alike, limit) == s) alike++;
    if (alike == 4) {
      permute_vectors<4>(chain, from, to, c.tiles * kRows, i, s);
    } else {
      alike = 1;
      permute_vectors<1>(chain, from, to, c.tiles * kRows, i, s);
    }
    i += 16 * alike;
  }
}

#include "kernels/tile/scores_avx512.inl"

#include "kernels/tile/epilogue.inl"

}  // namespace avx512

void run_chain_avx512(const Chain& chain, const TileContext& c) { avx512::run_chain(chain, c); }

}  // namespace bvit
