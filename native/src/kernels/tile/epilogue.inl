// The interpreter of chains, the same source for every instruction set. The file that includes it
// has named, in its namespace: V (a vector of kLanes floats), kVecs = 32 / kLanes, and load, store,
// set1, add, sub, mul, fma(a, b, c) = a * b + c, vmin, vmax, less_bits, count_differences, count_common,
// run_permute and run_scores.

#define BVIT_EACH for (int r = 0; r < kRows; r++) BVIT_UNROLL for (int v = 0; v < kVecs; v++)
#define BVIT_ROWS BVIT_UNROLL for (int r = 0; r < kRows; r++)

// Where an operation's operand stands while the chain runs.
struct Cursor {
  uint8_t* base;
  const int32_t* rows;  // element offsets from the strip's first row on
  int32_t block;        // of the operand, counted up with the chain's
};

static inline void begin(const TileOp& op, const TileContext& c, Cursor* cursor) {
  const bool gathers = op.x.rows != nullptr || op.taps != nullptr;
  TileContext whole = c;
  if (gathers) whole.first_row = 0;
  cursor->base = address(op.x, whole);
  cursor->rows = op.x.rows ? op.x.rows + c.first_row : nullptr;
  cursor->block = op.x.first;
}

static inline float* float_at(const TileOp& op, const Cursor& cursor, int tile) {
  return reinterpret_cast<float*>(cursor.base) + static_cast<int64_t>(tile) * kRows * op.x.ld +
         kBlock * cursor.block;
}

// Calls `use(r, pointer)` for the 7 rows of an operand.
#define BVIT_OPERAND(expression)                                                        \
  if (cursor.rows) {                                                                    \
    const float* base = reinterpret_cast<const float*>(cursor.base) + kBlock * cursor.block; \
    const int32_t* rows = cursor.rows + tile * kRows;                                   \
    BVIT_ROWS {                                                                         \
      const float* p = base + rows[r];                                                  \
      BVIT_UNROLL for (int v = 0; v < kVecs; v++) {                                     \
        const V x = load(p + kLanes * v);                                               \
        expression;                                                                     \
      }                                                                                 \
    }                                                                                   \
  } else {                                                                              \
    const float* base = float_at(op, cursor, tile);                                     \
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
  const float* base = reinterpret_cast<const float*>(cursor.base) + kBlock * cursor.block;
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

static inline void float_product(const TileOp& op, const float* a, const float* w,
                                 V (&z)[kRows][kVecs]) {
  const int64_t ld = op.x.ld;
  for (int k = 0; k < op.k; k++) {
    V ww[kVecs];
    BVIT_UNROLL for (int v = 0; v < kVecs; v++) ww[v] = load(w + k * kBlock + kLanes * v);
    BVIT_ROWS {
      const V x = set1(a[r * ld + k]);
      BVIT_UNROLL for (int v = 0; v < kVecs; v++) z[r][v] = fma(x, ww[v], z[r][v]);
    }
  }
}

static BVIT_TARGET void run_tiles(const Chain& chain, const TileContext& c) {
  Cursor cursors[kMaxOps];
  for (int i = 0; i < chain.op_count; i++) begin(chain.ops[i], c, &cursors[i]);
  for (int block = 0; block < chain.blocks; block++) {
    for (int tile = 0; tile < c.tiles; tile++) {
      V z[kRows][kVecs];
      BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs; v++) z[r][v] = set1(0.0f);
      for (int i = 0; i < chain.op_count; i++) {
        const TileOp& op = chain.ops[i];
        const Cursor& cursor = cursors[i];
        const float* p0 = op.p0 + kBlock * block;
        const float* p1 = op.p1 + kBlock * block;
        switch (op.kind) {
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
            float_product(op, a, reinterpret_cast<const float*>(op.weights) + static_cast<int64_t>(block) * op.k * kBlock, z);
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
          case OpKind::kTaps: taps(op, cursor, c, tile, block, z, false); break;
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
            float* to = float_at(op, cursor, tile);
            const int64_t ld = op.x.ld;
            BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs; v++) store(to + r * ld + kLanes * v, z[r][v]);
            break;
          }
          case OpKind::kSign: {
            uint32_t* to = reinterpret_cast<uint32_t*>(cursor.base) +
                           static_cast<int64_t>(tile) * kRows * op.x.ld + cursor.block;
            BVIT_ROWS to[static_cast<int64_t>(r) * op.x.ld] = less_bits(z[r], p0);
            break;
          }
          case OpKind::kGroupAdd: {
            const int group = block / op.group;
            float* to = reinterpret_cast<float*>(cursor.base) +
                        static_cast<int64_t>(tile) * kRows * op.x.ld + 16 * group;
            const bool first = block == group * op.group;
            BVIT_ROWS BVIT_UNROLL for (int v = 0; v < kVecs / 2; v++) {
              V sum = add(z[r][v], z[r][v + kVecs / 2]);
              float* p = to + r * static_cast<int64_t>(op.x.ld) + kLanes * v;
              store(p, first ? sum : add(sum, load(p)));
            }
            break;
          }
        }
      }
    }
    for (int i = 0; i < chain.op_count; i++) {
      const int32_t period = chain.ops[i].x.period;
      if (++cursors[i].block == chain.ops[i].x.first + period && period)
        cursors[i].block = chain.ops[i].x.first;
    }
  }
}

static BVIT_TARGET void run_chain(const Chain& chain, const TileContext& c) {
  switch (chain.kind) {
    case ChainKind::kTile: return run_tiles(chain, c);
    case ChainKind::kPatchWords: return run_patch_words(chain, c);
    case ChainKind::kPermute: return run_permute(chain, c);
    case ChainKind::kGroupMean: return run_group_mean(chain, c);
    case ChainKind::kScores: return run_scores(chain, c);
  }
}

#undef BVIT_OPERAND
#undef BVIT_ROWS
#undef BVIT_EACH
