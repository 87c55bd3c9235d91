// The interpreter of chains, the same source for every instruction set. The file that includes it
// has named, in its namespace: V (a vector of kLanes floats), kVecs = 32 / kLanes, and load, store,
// set1, add, sub, mul, fma(a, b, c) = a * b + c, vmin, vmax, store_less, count_differences, count_common,
// run_permute and run_scores.

#define BVIT_EACH for (int r = 0; r < kRows; r++) BVIT_UNROLL for (int v = 0; v < kVecs; v++)
#define BVIT_ROWS BVIT_UNROLL for (int r = 0; r < kRows; r++)

// Where an operation's operand stands while the chain runs.
struct Cursor {
  uint8_t* base;        // of its first block
  const int32_t* rows;  // element offsets from the strip's first row on
  uint8_t* addend;      // of `w`: kUnit's second operand, what segments are read from
};

static inline void begin(const TileOp& op, const TileContext& c, Cursor* cursor) {
  const bool gathers = op.x.rows != nullptr || op.taps != nullptr;
  TileContext whole = c;
  if (gathers) whole.first_row = 0;
  const int block_bytes = op.kind == OpKind::kSign ? 4 : 4 * kBlock;
  cursor->base = address(op.x, whole) + static_cast<int64_t>(op.x.first) * block_bytes;
  cursor->addend = nullptr;
  if (op.kind == OpKind::kUnit) cursor->addend = address(op.w, c) + static_cast<int64_t>(op.w.first) * 4 * kBlock;
  if (op.segments) {
    TileContext map = c;
    map.first_row = 0;
    cursor->addend = address(op.w, map);
  }
  cursor->rows = op.x.rows ? op.x.rows + c.first_row : nullptr;
}

// Channels of a block in an operand whose channels may repeat.
static inline int64_t channel_of(const Operand& x, int block) {
  const int period = x.period;
  if (period == 0) return kBlock * block;
  return kBlock * ((period & (period - 1)) == 0 ? block & (period - 1) : block % period);
}

static inline float* float_at(const TileOp& op, const Cursor& cursor, int tile, int block) {
  return reinterpret_cast<float*>(cursor.base) + static_cast<int64_t>(tile) * kRows * op.x.ld +
         channel_of(op.x, block);
}

// Calls `use(r, pointer)` for the 7 rows of an operand.
#define BVIT_OPERAND(expression)                                                        \
  if (cursor.rows) {                                                                    \
    const float* base = reinterpret_cast<const float*>(cursor.base) + channel_of(op.x, block); \
    const int32_t* rows = cursor.rows + tile * kRows;                                   \
    BVIT_ROWS {                                                                         \
      const float* p = base + rows[r];                                                  \
      BVIT_UNROLL for (int v = 0; v < kVecs; v++) {                                     \
        const V x = load(p + kLanes * v);                                               \
        expression;                                                                     \
      }                                                                                 \
    }                                                                                   \
  } else {                                                                              \
    const float* base = float_at(op, cursor, tile, block);                                     \
    const int64_t ld = op.x.ld;                                                         \
    BVIT_ROWS {                                                                         \
      BVIT_UNROLL for (int v = 0; v < kVecs; v++) {                                     \
        const V x = load(base + r * ld + kLanes * v);                                   \
        expression;                                                                     \
      }                                                                                 \
    }                                                                                   \
  }

#define BVIT_LOWEST -__builtin_inff()
#define BVIT_LOWEST_8 \
  BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST
// What taps outside of the map read.
alignas(64) constexpr float kZeroRow[kBlock] = {};
alignas(64) constexpr float kLowestRow[kBlock] = {BVIT_LOWEST_8, BVIT_LOWEST_8, BVIT_LOWEST_8, BVIT_LOWEST_8};
#undef BVIT_LOWEST
#undef BVIT_LOWEST_8

static inline void taps(const TileOp& op, const Cursor& cursor, const TileContext& c, int tile,
                        int block, V (&z)[kRows][kVecs], bool maximum) {
  const float* base = reinterpret_cast<const float*>(cursor.base) + channel_of(op.x, block);
  const int32_t row = c.first_row + tile * kRows;
  const int32_t* table = op.taps + static_cast<int64_t>(row) * op.count;
  const int32_t* starts = op.starts + static_cast<int64_t>(row / kRows) * op.count;
  const float* weights = op.p0 ? op.p0 + static_cast<int64_t>(block) * op.count * kBlock : nullptr;
  for (int t = 0; t < op.count; t++) {
    const int64_t start = starts[t], step = op.step;
    if (start == kAllOutside) continue;
    V w[kVecs];
    BVIT_UNROLL for (int v = 0; v < kVecs; v++)
        w[v] = weights ? load(weights + t * kBlock + kLanes * v) : set1(1.0f);
    if (start >= 0 && !maximum) {
      const float* p = base + start;
      BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs; v++)
          z[r][v] = fma(w[v], load(p + r * step + kLanes * v), z[r][v]);
      continue;
    }
    const float* outside = maximum ? kLowestRow : kZeroRow;
    BVIT_ROWS {
      const int64_t offset = start >= 0 ? start + r * step : table[r * op.count + t];
      const float* p = offset < 0 ? outside : base + offset;  // no branch: it can't be foreseen
      BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
        const V x = load(p + kLanes * v);
        z[r][v] = maximum ? vmax(z[r][v], x) : fma(w[v], x, z[r][v]);
      }
    }
  }
}

// Taps before and behind a row's own, by pairs: half of the multiplications. False where a tile's rows
// are not in order.
static inline bool symmetric_taps(const TileOp& op, const Cursor& cursor, const TileContext& c, int tile,
                                  int block, V (&z)[kRows][kVecs]) {
  const float* base = reinterpret_cast<const float*>(cursor.base) + channel_of(op.x, block);
  const int32_t* starts = op.starts + static_cast<int64_t>((c.first_row + tile * kRows) / kRows) * op.count;
  const float* weights = op.p0 + static_cast<int64_t>(block) * op.count * kBlock;
  for (int t = 0; t < op.count; t++)
    if (starts[t] == kIrregular) return false;
  for (int t = 0; t <= op.count / 2; t++) {
    const int32_t first = starts[t], second = starts[op.count - 1 - t];
    const float* p = first < 0 ? kZeroRow : base + first;
    const float* q = second < 0 ? kZeroRow : base + second;
    const int64_t p_step = first < 0 ? 0 : op.step, q_step = second < 0 ? 0 : op.step;
    if (first < 0 && second < 0) continue;
    V w[kVecs];
    BVIT_UNROLL for (int v = 0; v < kVecs; v++) w[v] = load(weights + t * kBlock + kLanes * v);
    if (t == op.count / 2) {
      BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs; v++)
          z[r][v] = fma(w[v], load(p + r * p_step + kLanes * v), z[r][v]);
    } else {
      BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs; v++)
          z[r][v] = fma(w[v], add(load(p + r * p_step + kLanes * v), load(q + r * q_step + kLanes * v)), z[r][v]);
    }
  }
  return true;
}

// Neighbours in a row of the image: what the 7 rows of a tile read overlaps, and is loaded once.
template <int T>
static inline void line(const TileOp& op, const Cursor& cursor, const TileContext& c, int tile, int block,
                        V (&z)[kRows][kVecs]) {
  constexpr int kReads = kRows + T - 1;
  const float* base = reinterpret_cast<const float*>(cursor.base) + channel_of(op.x, block);
  const int32_t* offsets = op.line + static_cast<int64_t>((c.first_row + tile * kRows) / kRows) * kReads;
  const float* weights = op.p0 + static_cast<int64_t>(block) * T * kBlock;
  BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
    V x[kReads];
    BVIT_UNROLL for (int i = 0; i < kReads; i++)
        x[i] = load((offsets[i] < 0 ? kZeroRow : base + offsets[i]) + kLanes * v);
    BVIT_UNROLL for (int t = 0; t <= T / 2; t++) {
      const V w = load(weights + t * kBlock + kLanes * v);
      BVIT_ROWS z[r][v] = fma(w, t == T / 2 ? x[r + t] : add(x[r + t], x[r + T - 1 - t]), z[r][v]);
    }
  }
}

static inline void float_product(const float* a, int64_t ld, const float* w, int count,
                                 V (&z)[kRows][kVecs]) {
  for (int k = 0; k < count; k++) {
    V ww[kVecs];
    BVIT_UNROLL for (int v = 0; v < kVecs; v++) ww[v] = load(w + k * kBlock + kLanes * v);
    BVIT_ROWS {
      const V x = set1(a[r * ld + k]);
      BVIT_UNROLL for (int v = 0; v < kVecs; v++) z[r][v] = fma(x, ww[v], z[r][v]);
    }
  }
}

// Blocks of one group follow each other on the same tile, so that their sum stays in registers too.
template <bool kGroups>
static BVIT_TARGET void run_tiles(const Chain& chain, const TileContext& c, int group) {
  Cursor cursors[kMaxOps];
  for (int i = 0; i < chain.op_count; i++) begin(chain.ops[i], c, &cursors[i]);
  for (int first = 0; first < chain.blocks; first += group)
  for (int tile = 0; tile < c.tiles; tile++) {
    V sums[kRows][kVecs / 2];
    if (kGroups) BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs / 2; v++) sums[r][v] = set1(0.0f);
    for (int block = first; block < first + group; block++) {
      V z[kRows][kVecs];
      BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs; v++) z[r][v] = set1(0.0f);
      for (int i = 0; i < chain.op_count; i++) {
        const TileOp& op = chain.ops[i];
        const Cursor& cursor = cursors[i];
        const float* p0 = op.p0 + kBlock * block;
        const float* p1 = op.p1 + kBlock * block;
        switch (op.kind) {
          case OpKind::kUnit: {
            const uint32_t* a = reinterpret_cast<const uint32_t*>(cursor.base) +
                                static_cast<int64_t>(tile) * kRows * op.x.ld;
            count_differences(a, op.x.ld, op.weights + static_cast<int64_t>(block) * op.k * kBlock, op.k, z);
            const int64_t ld = op.w.ld;
            const float* y = reinterpret_cast<const float*>(cursor.addend) +
                             static_cast<int64_t>(tile) * kRows * ld + channel_of(op.w, block);
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
              const V s = load(p0 + kLanes * v), b = load(p1 + kLanes * v);
              const V slope = load(op.p3 + kBlock * block + kLanes * v);
              const V t = op.p2 ? load(op.p2 + kBlock * block + kLanes * v) : set1(1.0f);
              BVIT_ROWS {
                const V x = fma(t, load(y + r * ld + kLanes * v), fma(s, z[r][v], b));
                z[r][v] = fma(slope, vmin(x, set1(0.0f)), x);
              }
            }
            break;
          }
          case OpKind::kBinaryProduct: {
            const uint32_t* a = reinterpret_cast<const uint32_t*>(cursor.base) +
                                static_cast<int64_t>(tile) * kRows * op.x.ld;
            count_differences(a, op.x.ld, op.weights + static_cast<int64_t>(block) * op.k * kBlock, op.k, z);
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
              const V s = load(p0 + kLanes * v), b = load(p1 + kLanes * v);
              BVIT_ROWS z[r][v] = fma(s, z[r][v], b);
            }
            break;
          }
          case OpKind::kFloatProduct: {
            const float* a = reinterpret_cast<const float*>(cursor.base) +
                             static_cast<int64_t>(tile) * kRows * op.x.ld;
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
              const V b = load(p1 + kLanes * v);
              BVIT_ROWS z[r][v] = b;
            }
            const float* w = reinterpret_cast<const float*>(op.weights) + static_cast<int64_t>(block) * op.k * kBlock;
            const int32_t* starts = op.starts + static_cast<int64_t>(c.first_row / kRows + tile) * op.segments;
            if (op.segments == 0 || starts[0] == kIrregular) {
              float_product(a, op.x.ld, w, op.k, z);
              break;
            }
            const int length = op.k / op.segments;
            for (int i = 0; i < op.segments; i++)
              float_product(reinterpret_cast<const float*>(cursor.addend) + starts[i], op.step, w + i * length * kBlock, length, z);
            break;
          }
          case OpKind::kContext: {
            const int head = block / op.head_blocks;
            const uint32_t* a = reinterpret_cast<const uint32_t*>(cursor.base) +
                                static_cast<int64_t>(tile) * kRows * op.x.ld + head * op.k;
            const uint32_t* w = reinterpret_cast<const uint32_t*>(address(op.w, c)) + block * kBlock;
            const float* ones = reinterpret_cast<const float*>(address(op.ones, c)) +
                                static_cast<int64_t>(tile) * kRows * op.ones.ld + head;
            count_common(a, op.x.ld, w, op.w.ld, op.k, z);
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
              const V s = load(p0 + kLanes * v), b = load(p1 + kLanes * v);
              BVIT_ROWS {
                const V n = set1(ones[r * static_cast<int64_t>(op.ones.ld)]);
                z[r][v] = fma(s, fma(set1(-2.0f), z[r][v], n), b);
              }
            }
            break;
          }
          case OpKind::kLoad: BVIT_OPERAND(z[r][v] = x) break;
          case OpKind::kZero:
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
              const V b = load(p1 + kLanes * v);
              BVIT_ROWS z[r][v] = b;
            }
            break;
          case OpKind::kAdd: BVIT_OPERAND(z[r][v] = add(z[r][v], x)) break;
          case OpKind::kSubtract: BVIT_OPERAND(z[r][v] = sub(z[r][v], x)) break;
          case OpKind::kMultiply: BVIT_OPERAND(z[r][v] = mul(z[r][v], x)) break;
          case OpKind::kAddScaled: {
            V s[kVecs];
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) s[v] = load(p0 + kLanes * v);
            BVIT_OPERAND(z[r][v] = fma(s[v], x, z[r][v]))
            break;
          }
          case OpKind::kScaleAdd: {
            V s[kVecs];
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) s[v] = load(p0 + kLanes * v);
            BVIT_OPERAND(z[r][v] = fma(s[v], z[r][v], x))
            break;
          }
          case OpKind::kTaps:
            if (!kGroups && op.symmetric && symmetric_taps(op, cursor, c, tile, block, z)) break;
            taps(op, cursor, c, tile, block, z, false);
            break;
          case OpKind::kLine:
            if (kGroups) {  // sums leave no registers for a line
              taps(op, cursor, c, tile, block, z, false);
            } else if (op.count == 5) {
              line<5>(op, cursor, c, tile, block, z);
            } else {
              line<3>(op, cursor, c, tile, block, z);
            }
            break;
          case OpKind::kMaxTaps: taps(op, cursor, c, tile, block, z, true); break;
          case OpKind::kAffine:
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
              const V s = load(p0 + kLanes * v), b = load(p1 + kLanes * v);
              BVIT_ROWS z[r][v] = fma(s, z[r][v], b);
            }
            break;
          case OpKind::kScale:
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
              const V s = load(p0 + kLanes * v);
              BVIT_ROWS z[r][v] = mul(s, z[r][v]);
            }
            break;
          case OpKind::kShift:
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
              const V b = load(p1 + kLanes * v);
              BVIT_ROWS z[r][v] = add(z[r][v], b);
            }
            break;
          case OpKind::kPrelu:
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) {
              const V a = load(p0 + kLanes * v);
              BVIT_ROWS z[r][v] = fma(a, vmin(z[r][v], set1(0.0f)), z[r][v]);
            }
            break;
          case OpKind::kClamp: {
            const V low = set1(op.low), high = set1(op.high);
            BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs; v++) z[r][v] = vmin(vmax(z[r][v], low), high);
            break;
          }
          case OpKind::kStore: {
            float* to = float_at(op, cursor, tile, block);
            const int64_t ld = op.x.ld;
            BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs; v++) store(to + r * ld + kLanes * v, z[r][v]);
            break;
          }
          case OpKind::kSign: {
            uint32_t* to = reinterpret_cast<uint32_t*>(cursor.base) +
                           static_cast<int64_t>(tile) * kRows * op.x.ld + block;
            const int64_t ld = op.x.ld;
            V threshold[kVecs];
            BVIT_UNROLL for (int v = 0; v < kVecs; v++) threshold[v] = load(p0 + kLanes * v);
            BVIT_ROWS store_less(to + r * ld, z[r], threshold);
            break;
          }
          case OpKind::kGroupAdd: {
            if (!kGroups) break;
            float* to = reinterpret_cast<float*>(cursor.base) +
                        static_cast<int64_t>(tile) * kRows * op.x.ld + 16 * (first / group);
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

static inline int group_of(const Chain& chain) {
  for (int i = 0; i < chain.op_count; i++)
    if (chain.ops[i].kind == OpKind::kGroupAdd) return chain.ops[i].group;
  return 0;
}

static BVIT_TARGET void run_chain(const Chain& chain, const TileContext& c) {
  switch (chain.kind) {
    case ChainKind::kTile: {
      const int group = group_of(chain);
      return group ? run_tiles<true>(chain, c, group) : run_tiles<false>(chain, c, 1);
    }
    case ChainKind::kPatchWords: return run_patch_words(chain, c);
    case ChainKind::kPermute: return run_permute(chain, c);
    case ChainKind::kGroupMean: return run_group_mean(chain, c);
    case ChainKind::kScores: return run_scores(chain, c);
  }
}

#undef BVIT_OPERAND
#undef BVIT_ROWS
#undef BVIT_EACH
