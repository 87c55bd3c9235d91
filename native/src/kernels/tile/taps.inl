// Sums over neighbouring rows; part of epilogue.inl.

#define BVIT_LOWEST -__builtin_inff()
#define BVIT_LOWEST_8 \
  BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST, BVIT_LOWEST
// What taps outside of the map read.
alignas(64) constexpr float kZeroRow[kBlock] = {};
alignas(64) constexpr float kLowestRow[kBlock] = {BVIT_LOWEST_8, BVIT_LOWEST_8, BVIT_LOWEST_8, BVIT_LOWEST_8};
#undef BVIT_LOWEST
#undef BVIT_LOWEST_8

static BVIT_ALWAYS_INLINE void any_taps(const TileOp& op, const Cursor& cursor, const TileContext& c, int tile,
                                        int block, V (&z)[kRows][kVecs], bool maximum) {
  const float* base = reinterpret_cast<const float*>(cursor.base) + channel_of(op.x, block);
  const int32_t row = c.first_row + tile * kRows;
  const int32_t* table = op.taps + static_cast<int64_t>(row) * op.count;
  const int32_t* starts = op.starts + static_cast<int64_t>(row / kRows) * op.count;
  const float* weights = op.p0 ? op.p0 + static_cast<int64_t>(block) * op.count * kBlock : nullptr;
  for (int t = 0; t < op.count; t++) {
    const int64_t start = starts[t], by = op.step;
    if (start == kAllOutside) continue;
    V w[kVecs];
    BVIT_VECS w[v] = weights ? load(weights + t * kBlock + kLanes * v) : set1(1.0f);
    if (start >= 0 && !maximum) {
      const float* p = base + start;
      BVIT_ROWS {
        BVIT_VECS z[r][v] = fma(w[v], load(p + kLanes * v), z[r][v]);
        step(&p, by);
      }
      continue;
    }
    const float* outside = maximum ? kLowestRow : kZeroRow;
    BVIT_ROWS {
      const int64_t offset = start >= 0 ? start + r * by : table[r * op.count + t];
      const float* p = offset < 0 ? outside : base + offset;  // no branch: it can't be foreseen
      BVIT_VECS {
        const V x = load(p + kLanes * v);
        z[r][v] = maximum ? vmax(x, z[r][v]) : fma(w[v], x, z[r][v]);  // NaN is passed over
      }
    }
  }
}

// Taps before and behind a row's own, by pairs: half of the multiplications. False where a tile's rows
// are not in order.
template <int T>
static BVIT_ALWAYS_INLINE bool symmetric_taps(const TileOp& op, const Cursor& cursor, const TileContext& c, int tile,
                                              int block, V (&z)[kRows][kVecs]) {
  constexpr int kCentre = T / 2;
  const float* base = reinterpret_cast<const float*>(cursor.base) + channel_of(op.x, block);
  const int32_t* starts = op.starts + static_cast<int64_t>((c.first_row + tile * kRows) / kRows) * T;
  const float* p[T];
  int64_t by[T];
  bool regular = true;
  BVIT_UNROLL for (int t = 0; t < T; t++) {
    regular &= starts[t] != kIrregular;
    p[t] = starts[t] < 0 ? kZeroRow : base + starts[t];
    by[t] = starts[t] < 0 ? 0 : op.step;
  }
  if (!regular) return false;
  const float* weights = op.p0 + static_cast<int64_t>(block) * T * kBlock;
  V w[kCentre + 1][kVecs];
  BVIT_UNROLL for (int t = 0; t <= kCentre; t++) BVIT_VECS w[t][v] = load(weights + t * kBlock + kLanes * v);
  BVIT_ROWS {
    BVIT_VECS {
      z[r][v] = fma(w[kCentre][v], load(p[kCentre] + kLanes * v), z[r][v]);
      BVIT_UNROLL for (int t = 0; t < kCentre; t++)
          z[r][v] = fma(w[t][v], add(load(p[t] + kLanes * v), load(p[T - 1 - t] + kLanes * v)), z[r][v]);
    }
    BVIT_UNROLL for (int t = 0; t < T; t++) step(&p[t], by[t]);
  }
  return true;
}

// Neighbours in a row of the image: what the 7 rows of a tile read overlaps, and is loaded once.
template <int T>
static BVIT_ALWAYS_INLINE void line(const TileOp& op, const Cursor& cursor, const TileContext& c, int tile, int block,
                                    V (&z)[kRows][kVecs]) {
  constexpr int kReads = kRows + T - 1;
  const float* base = reinterpret_cast<const float*>(cursor.base) + channel_of(op.x, block);
  const int32_t* offsets = op.line + static_cast<int64_t>((c.first_row + tile * kRows) / kRows) * kReads;
  const float* weights = op.p0 + static_cast<int64_t>(block) * T * kBlock;
  BVIT_VECS {
    V x[kReads];
    BVIT_UNROLL for (int i = 0; i < kReads; i++)
        x[i] = load((offsets[i] < 0 ? kZeroRow : base + offsets[i]) + kLanes * v);
    BVIT_UNROLL for (int t = 0; t <= T / 2; t++) {
      const V w = load(weights + t * kBlock + kLanes * v);
      BVIT_ROWS z[r][v] = fma(w, t == T / 2 ? x[r + t] : add(x[r + t], x[r + T - 1 - t]), z[r][v]);
    }
  }
}

static BVIT_ALWAYS_INLINE void taps(const TileOp& op, const Cursor& cursor, const TileContext& c, int tile, int block,
                                    V (&z)[kRows][kVecs]) {
  if (op.symmetric && op.count == 5 && symmetric_taps<5>(op, cursor, c, tile, block, z)) return;
  if (op.symmetric && op.count == 3 && symmetric_taps<3>(op, cursor, c, tile, block, z)) return;
  any_taps(op, cursor, c, tile, block, z, false);
}
