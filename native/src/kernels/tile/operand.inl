// Where the operands of a chain's operations stand; part of epilogue.inl.

#define BVIT_ROWS BVIT_UNROLL for (int r = 0; r < kRows; r++)
#define BVIT_VECS BVIT_UNROLL for (int v = 0; v < kVecs; v++)

// An operation's operand while the chain runs.
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

// The first row of a tile.
template <class T>
static inline T* row_of(void* base, const Operand& x, int tile) {
  return static_cast<T*>(base) + static_cast<int64_t>(tile) * kRows * x.ld;
}

// Keeps the compiler from computing the addresses of all rows at once, for which there are too few registers.
template <class T>
static BVIT_ALWAYS_INLINE void step(T** p, int64_t by) {
  *p += by;
  asm("" : "+r"(*p));
}

// Calls use(r, v, x) for the vectors of an operand's 7 rows.
template <class Use>
static BVIT_ALWAYS_INLINE void each_row(const TileOp& op, const Cursor& cursor, int tile, int block, Use use) {
  if (cursor.rows) {
    const float* base = reinterpret_cast<const float*>(cursor.base) + channel_of(op.x, block);
    const int32_t* rows = cursor.rows + tile * kRows;
    BVIT_ROWS BVIT_VECS use(r, v, load(base + rows[r] + kLanes * v));
    return;
  }
  const float* p = row_of<const float>(cursor.base, op.x, tile) + channel_of(op.x, block);
  const int64_t ld = op.x.ld;
  BVIT_ROWS {
    BVIT_VECS use(r, v, load(p + kLanes * v));
    step(&p, ld);
  }
}
