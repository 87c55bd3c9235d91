// Attention scores for AVX-512; part of tile_avx512.cc.

namespace plain {
#include "kernels/tile/scores_plain.inl"
}

// Weights of so many keys are kept between the sum and the comparison, of 7 rows or of one.
constexpr int kMaxKeys = 4096, kMaxKeysOfTile = 1024;

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
  V of(__m512i distance, __mmask16 there) const {
    return _mm512_maskz_mul_ps(there, _mm512_permutexvar_ps(distance, low),
                               _mm512_permutexvar_ps(_mm512_srli_epi32(distance, 4), high));
  }
};

// The weights of all keys for R rows ([keys / 16][R][16]), and their sums. `q`: words of R rows, [words][R].
template <int kWords, int R>
static BVIT_ALWAYS_INLINE void weigh(const Chain& chain, const Weights& weights, const uint32_t* keys, const uint32_t* q, float* kept, V (&sums)[R]) {
  const int words = kWords ? kWords : chain.head_words, count = chain.key_count;
  BVIT_UNROLL for (int r = 0; r < R; r++) sums[r] = set1(0);
  for (int key = 0; key < count; key += 16, keys += 16, kept += 16 * R) {
    const __mmask16 there = count - key >= 16 ? 0xffff : (1u << (count - key)) - 1;
    __m512i distance[R];
    for (int w = 0; w < words; w++) {
      const __m512i k = _mm512_loadu_si512(keys + static_cast<int64_t>(w) * chain.padded_keys);
      BVIT_UNROLL for (int r = 0; r < R; r++) {
        const __m512i bits = _mm512_popcnt_epi32(Differ::of(k, q + w * R + r));
        distance[r] = w ? _mm512_add_epi32(distance[r], bits) : bits;
      }
    }
    BVIT_UNROLL for (int r = 0; r < R; r++) {
      const V e = weights.of(distance[r], there);
      store(kept + 16 * r, e);
      sums[r] = add(sums[r], e);
    }
  }
}

// The keys of a row whose weights, `ld` numbers from 16 to the next 16, are above the limit, as bits; how many.
static BVIT_ALWAYS_INLINE int choose(const float* kept, int ld, int count, float limit, uint32_t* mask) {
  const V least = set1(limit);
  int ones = 0;
  for (int key = 0; key < count; key += 32, kept += 2 * ld) {
    const __mmask16 low = _mm512_cmp_ps_mask(load(kept), least, _CMP_GT_OQ);
    const __mmask16 high = key + 16 < count ? _mm512_cmp_ps_mask(load(kept + ld), least, _CMP_GT_OQ) : 0;
    mask[key / 32] = low | static_cast<uint32_t>(high) << 16;
    ones += __builtin_popcount(mask[key / 32]);
  }
  return ones;
}

constexpr int kMaxWords = 7;  // of a head: tables of 16 x 16 weights

template <int kWords, int R>
static void scores_of(const Chain& chain, const TileContext& c) {
  alignas(64) float kept[R == 1 ? kMaxKeys : R * kMaxKeysOfTile];
  const Weights weights(chain);
  const uint32_t* queries = reinterpret_cast<const uint32_t*>(address(chain.y, c));
  const uint32_t* keys = reinterpret_cast<const uint32_t*>(address(chain.keys, c));
  uint32_t* masks = reinterpret_cast<uint32_t*>(address(chain.x, c));
  float* ones = reinterpret_cast<float*>(address(chain.ones, c));
  for (int head = 0; head < chain.heads; head++)
    for (int row = 0; row < c.tiles * kRows; row += R) {
      uint32_t q[kMaxWords * R];
      for (int w = 0; w < chain.head_words; w++)
        for (int r = 0; r < R; r++) q[w * R + r] = queries[(row + r) * static_cast<int64_t>(chain.y.ld) + head * chain.head_words + w];
      V sums[R];
      weigh<kWords, R>(chain, weights, keys + static_cast<int64_t>(head) * chain.head_words * chain.padded_keys, q, kept, sums);
      float limits[R];
      BVIT_UNROLL for (int r = 0; r < R; r++) limits[r] = _mm512_reduce_add_ps(sums[r]) * chain.threshold;
      for (int r = 0; r < R; r++)
        ones[(row + r) * static_cast<int64_t>(chain.ones.ld) + head] = static_cast<float>(choose(
            kept + 16 * r, 16 * R, chain.key_count, limits[r], masks + (row + r) * static_cast<int64_t>(chain.x.ld) + head * chain.mask_words));
    }
}

template <int R>
static void scores_of_rows(const Chain& chain, const TileContext& c) {
  if (chain.head_words == 2) return scores_of<2, R>(chain, c);
  if (chain.head_words == 1) return scores_of<1, R>(chain, c);
  scores_of<0, R>(chain, c);
}

static void run_scores(const Chain& chain, const TileContext& c) {
  // only where no weight underflows
  const bool fits = chain.key_count <= kMaxKeys && chain.head_words <= kMaxWords && chain.exponentials[0] > 0;
  if (!fits) return plain::run_scores(chain, c);
  if (chain.key_count <= kMaxKeysOfTile) return scores_of_rows<kRows>(chain, c);
  scores_of_rows<1>(chain, c);
}
