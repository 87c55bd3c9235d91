// Runs chains, the same source for every instruction set. The file that includes it has named, in its
// namespace: V (a vector of kLanes floats), kVecs = 32 / kLanes, and load, store, set1, add, sub, mul,
// fma(a, b, c) = a * b + c, vmin, vmax (`b` where one of a and b is no number, as on x86), prelu, store_less,
// count_differences, count_common, run_permute and run_scores.

#include "kernels/tile/operand.inl"
#include "kernels/tile/taps.inl"
#include "kernels/tile/functions.inl"
#include "kernels/tile/ops.inl"

// Blocks of one group follow each other on the same tile, so that their sum stays in registers too.
template <bool kGroups>
static BVIT_TARGET void run_any(const Chain& chain, const TileContext& c, int group) {
  Cursor cursors[kMaxOps];
  for (int i = 0; i < chain.op_count; i++) begin(chain.ops[i], c, &cursors[i]);
  for (int first = 0; first < chain.blocks; first += group)
  for (int tile = 0; tile < c.tiles; tile++) {
    V sums[kRows][kVecs / 2];
    if (kGroups) BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs / 2; v++) sums[r][v] = set1(0.0f);
    for (int block = first; block < first + group; block++) {
      V z[kRows][kVecs];
      BVIT_ROWS BVIT_VECS z[r][v] = set1(0.0f);
      for (int i = 0; i < chain.op_count; i++) {
        const TileOp& op = chain.ops[i];
        const Cursor& cursor = cursors[i];
        switch (op.kind) {
#define BVIT_CASE(kind) case OpKind::kind: apply<OpKind::kind>(op, cursor, c, tile, block, z); break;
          BVIT_CASE(kUnit)
          BVIT_CASE(kBinaryProduct)
          BVIT_CASE(kFloatProduct)
          BVIT_CASE(kContext)
          BVIT_CASE(kLoad)
          BVIT_CASE(kZero)
          BVIT_CASE(kAdd)
          BVIT_CASE(kSubtract)
          BVIT_CASE(kMultiply)
          BVIT_CASE(kMaximum)
          BVIT_CASE(kMinimum)
          BVIT_CASE(kAddScaled)
          BVIT_CASE(kTaps)
          BVIT_CASE(kLine)
          BVIT_CASE(kMaxTaps)
          BVIT_CASE(kScaleAdd)
          BVIT_CASE(kAffine)
          BVIT_CASE(kScale)
          BVIT_CASE(kShift)
          BVIT_CASE(kPrelu)
          BVIT_CASE(kClamp)
          BVIT_CASE(kFunction)
          BVIT_CASE(kStore)
          BVIT_CASE(kSign)
#undef BVIT_CASE
          case OpKind::kGroupAdd: {
            if (!kGroups) break;
            float* to = row_of<float>(cursor.base, op.x, tile) + 16 * (first / group);
            BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs / 2; v++)
                sums[r][v] = add(sums[r][v], add(z[r][v], z[r][v + kVecs / 2]));
            if (block + 1 < first + group) break;
            BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs / 2; v++)
                store(to + r * static_cast<int64_t>(op.x.ld) + kLanes * v, sums[r][v]);
            break;
          }
        }
      }
    }
  }
}

// A chain of these operations: straight code, in which the compiler knows what comes next.
template <OpKind... kKinds>
static BVIT_TARGET void run_these(const Chain& chain, const TileContext& c) {
  Cursor cursors[sizeof...(kKinds)];
  for (int i = 0; i < chain.op_count; i++) begin(chain.ops[i], c, &cursors[i]);
  for (int block = 0; block < chain.blocks; block++)
    for (int tile = 0; tile < c.tiles; tile++) {
      V z[kRows][kVecs];
      int i = 0;
      ((apply<kKinds>(chain.ops[i], cursors[i], c, tile, block, z), i++), ...);
    }
}

typedef void (*Runner)(const Chain& chain, const TileContext& c);

template <OpKind... kKinds>
constexpr Runner runner(Sequence<kKinds...>) { return run_these<kKinds...>; }

template <class... T>
static void run_frequent(const Chain& chain, const TileContext& c, Sequences<T...>) {
  static constexpr Runner kRunners[] = {runner(T())...};
  kRunners[chain.frequent](chain, c);
}

// Product, addend, PReLU and sign of a layer of which the signs and the means over groups of channels are
// kept. It costs more than any other, so its rows go through all of it one by one: what the processor does for
// one and for the next overlaps.
static BVIT_TARGET void run_hidden(const Chain& chain, const TileContext& c, int group) {
  const TileOp &unit = chain.ops[0], &sign = chain.ops[1], &sum = chain.ops[2];
  Cursor product, bits, means;
  begin(unit, c, &product), begin(sign, c, &bits), begin(sum, c, &means);
  const int64_t y_ld = unit.w.ld, bits_ld = sign.x.ld, means_ld = sum.x.ld;
  for (int first = 0; first < chain.blocks; first += group)
  for (int tile = 0; tile < c.tiles; tile++) {
    V sums[kRows][kVecs / 2];
    BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs / 2; v++) sums[r][v] = set1(0.0f);
    for (int block = first; block < first + group; block++) {
      V z[kRows][kVecs], scale[kVecs], shift[kVecs], slope[kVecs], threshold[kVecs];
      count_differences(row_of<const uint32_t>(product.base, unit.x, tile), unit.x.ld,
                        unit.weights + static_cast<int64_t>(block) * unit.k * kBlock, unit.k, z);
      BVIT_VECS {
        const int at = kBlock * block + kLanes * v;
        scale[v] = load(unit.p0 + at), shift[v] = load(unit.p1 + at);
        slope[v] = load(unit.p3 + at), threshold[v] = load(sign.p0 + at);
      }
      const float* y = row_of<const float>(product.addend, unit.w, tile) + channel_of(unit.w, block);
      uint32_t* to = row_of<uint32_t>(bits.base, sign.x, tile) + block;
      BVIT_ROWS {
        V x[kVecs];
        BVIT_VECS x[v] = prelu(slope[v], add(fma(scale[v], z[r][v], shift[v]), load(y + kLanes * v)));
        store_less(to, x, threshold);
        BVIT_UNROLL for (int v = 0; v < kVecs / 2; v++) sums[r][v] = add(sums[r][v], add(x[v], x[v + kVecs / 2]));
        step(&y, y_ld), step(&to, bits_ld);
      }
    }
    float* mean = row_of<float>(means.base, sum.x, tile) + 16 * (first / group);
    BVIT_ROWS {
      BVIT_UNROLL for (int v = 0; v < kVecs / 2; v++) store(mean + kLanes * v, sums[r][v]);
      step(&mean, means_ld);
    }
  }
}

static inline bool is_hidden(const Chain& chain) {
  return chain.op_count == 3 && chain.ops[0].kind == OpKind::kUnit && chain.ops[0].p2 == nullptr &&
         chain.ops[1].kind == OpKind::kSign && chain.ops[2].kind == OpKind::kGroupAdd;
}

static inline int group_of(const Chain& chain) {
  for (int i = 0; i < chain.op_count; i++)
    if (chain.ops[i].kind == OpKind::kGroupAdd) return chain.ops[i].group;
  return 0;
}

// Tile by tile, each with its image's keys.
static void run_scores_of_images(const Chain& chain, const TileContext& c) {
  const int64_t image_bytes = 4LL * chain.heads * chain.head_words * chain.padded_keys;
  for (int tile = 0; tile < c.tiles; tile++) {
    Chain one = chain;
    one.keys.offset += (c.first_row / kRows + tile) / chain.image_tiles * image_bytes;
    one.x.offset += 4LL * tile * kRows * one.x.ld;
    one.y.offset += 4LL * tile * kRows * one.y.ld;
    one.ones.offset += 4LL * tile * kRows * one.ones.ld;
    run_scores(one, {c.spaces, c.first_row, 1});
  }
}

static BVIT_TARGET void run_chain(const Chain& chain, const TileContext& c) {
  switch (chain.kind) {
    case ChainKind::kTile: {
      const int group = group_of(chain);
      if (is_hidden(chain)) return run_hidden(chain, c, group);
      if (group) return run_any<true>(chain, c, group);
      if (chain.frequent >= 0) return run_frequent(chain, c, frequent::Chains());
      return run_any<false>(chain, c, 1);
    }
    case ChainKind::kPatchWords: return run_patch_words(chain, c);
    case ChainKind::kPermute: return run_permute(chain, c);
    case ChainKind::kGather: return run_gather(chain, c);
    case ChainKind::kGroupMean: return run_group_mean(chain, c);
    case ChainKind::kScores: return chain.image_tiles ? run_scores_of_images(chain, c) : run_scores(chain, c);
  }
}

#undef BVIT_VECS
#undef BVIT_ROWS
