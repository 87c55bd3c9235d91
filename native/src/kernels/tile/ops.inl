// What each operation of a chain does to a tile; part of epilogue.inl.

static BVIT_ALWAYS_INLINE void float_product(const float* a, int64_t ld, const float* w, int count,
                                             V (&z)[kRows][kVecs]) {
  for (int k = 0; k < count; k++, a++, w += kBlock) {
    V ww[kVecs];
    BVIT_VECS ww[v] = load(w + kLanes * v);
    const float* p = a;
    BVIT_ROWS {
      const V x = set1(*p);
      BVIT_VECS z[r][v] = fma(x, ww[v], z[r][v]);
      step(&p, ld);
    }
  }
}

static BVIT_ALWAYS_INLINE void set_rows(const float* x, V (&z)[kRows][kVecs]) {
  BVIT_VECS {
    const V b = load(x + kLanes * v);
    BVIT_ROWS z[r][v] = b;
  }
}

// Where a block's numbers begin; null where an operation has none.
static BVIT_ALWAYS_INLINE const float* of_block(const float* p, int block) {
  return p ? p + kBlock * block : nullptr;
}

template <OpKind kKind>
static BVIT_ALWAYS_INLINE void apply(const TileOp& op, const Cursor& cursor, const TileContext& c, int tile, int block,
                                     V (&z)[kRows][kVecs]) {
  const float* p0 = of_block(op.p0, block);
  const float* p1 = of_block(op.p1, block);
  const auto multiply_add = [&]() BVIT_INLINE_LAMBDA {  // z = p0 * z + p1
    BVIT_VECS {
      const V s = load(p0 + kLanes * v), b = load(p1 + kLanes * v);
      BVIT_ROWS z[r][v] = fma(s, z[r][v], b);
    }
  };
  if constexpr (kKind == OpKind::kUnit) {
    const uint32_t* a = row_of<const uint32_t>(cursor.base, op.x, tile);
    count_differences(a, op.x.ld, op.weights + static_cast<int64_t>(block) * op.k * kBlock, op.k, z);
    multiply_add();
    const float* slopes = op.p3 + kBlock * block;
    const float* y = row_of<const float>(cursor.addend, op.w, tile) + channel_of(op.w, block);
    const int64_t ld = op.w.ld;
    V slope[kVecs], scale[kVecs];
    BVIT_VECS slope[v] = load(slopes + kLanes * v);
    if (op.p2 == nullptr) {
      BVIT_ROWS {
        BVIT_VECS z[r][v] = prelu(slope[v], add(z[r][v], load(y + kLanes * v)));
        step(&y, ld);
      }
      return;
    }
    BVIT_VECS scale[v] = load(op.p2 + kBlock * block + kLanes * v);
    BVIT_ROWS {
      BVIT_VECS z[r][v] = prelu(slope[v], fma(scale[v], load(y + kLanes * v), z[r][v]));
      step(&y, ld);
    }
  } else if constexpr (kKind == OpKind::kBinaryProduct) {
    const uint32_t* a = row_of<const uint32_t>(cursor.base, op.x, tile);
    count_differences(a, op.x.ld, op.weights + static_cast<int64_t>(block) * op.k * kBlock, op.k, z);
    multiply_add();
  } else if constexpr (kKind == OpKind::kFloatProduct) {
    set_rows(p1, z);
    const float* w = reinterpret_cast<const float*>(op.weights) + static_cast<int64_t>(block) * op.k * kBlock;
    const int32_t* starts = op.starts + static_cast<int64_t>(c.first_row / kRows + tile) * op.segments;
    if (op.segments == 0 || starts[0] == kIrregular)
      return float_product(row_of<const float>(cursor.base, op.x, tile), op.x.ld, w, op.k, z);
    const int length = op.k / op.segments;
    for (int i = 0; i < op.segments; i++)
      float_product(reinterpret_cast<const float*>(cursor.addend) + starts[i], op.step, w + static_cast<int64_t>(i) * length * kBlock, length, z);
  } else if constexpr (kKind == OpKind::kContext) {
    const int head = block / op.head_blocks;
    const uint32_t* a = row_of<const uint32_t>(cursor.base, op.x, tile) + head * op.k;
    const uint32_t* w = reinterpret_cast<const uint32_t*>(address(op.w, c)) + block * kBlock;
    if (op.image_tiles) w += (c.first_row / kRows + tile) / op.image_tiles * static_cast<int64_t>(op.k) * op.w.ld;
    count_common(a, op.x.ld, w, op.w.ld, op.k, z);
    const float* ones = row_of<const float>(address(op.ones, c), op.ones, tile) + head;
    V s[kVecs], b[kVecs];
    BVIT_VECS s[v] = load(p0 + kLanes * v), b[v] = load(p1 + kLanes * v);
    BVIT_ROWS {
      const V n = set1(*ones);
      BVIT_VECS z[r][v] = fma(s[v], fma(set1(-2.0f), z[r][v], n), b[v]);
      step(&ones, op.ones.ld);
    }
  } else if constexpr (kKind == OpKind::kLoad) {
    each_row(op, cursor, tile, block, [&](int r, int v, V x) BVIT_INLINE_LAMBDA { z[r][v] = x; });
  } else if constexpr (kKind == OpKind::kZero) {
    set_rows(p1, z);
  } else if constexpr (kKind == OpKind::kAdd) {
    each_row(op, cursor, tile, block, [&](int r, int v, V x) BVIT_INLINE_LAMBDA { z[r][v] = add(z[r][v], x); });
  } else if constexpr (kKind == OpKind::kSubtract) {
    each_row(op, cursor, tile, block, [&](int r, int v, V x) BVIT_INLINE_LAMBDA { z[r][v] = sub(z[r][v], x); });
  } else if constexpr (kKind == OpKind::kMultiply) {
    each_row(op, cursor, tile, block, [&](int r, int v, V x) BVIT_INLINE_LAMBDA { z[r][v] = mul(z[r][v], x); });
  } else if constexpr (kKind == OpKind::kMaximum) {
    each_row(op, cursor, tile, block, [&](int r, int v, V x) BVIT_INLINE_LAMBDA { z[r][v] = vmax(z[r][v], x); });
  } else if constexpr (kKind == OpKind::kMinimum) {
    each_row(op, cursor, tile, block, [&](int r, int v, V x) BVIT_INLINE_LAMBDA { z[r][v] = vmin(z[r][v], x); });
  } else if constexpr (kKind == OpKind::kAddScaled || kKind == OpKind::kScaleAdd) {
    V s[kVecs];
    BVIT_VECS s[v] = load(p0 + kLanes * v);
    each_row(op, cursor, tile, block, [&](int r, int v, V x) BVIT_INLINE_LAMBDA {
      z[r][v] = kKind == OpKind::kAddScaled ? fma(s[v], x, z[r][v]) : fma(s[v], z[r][v], x);
    });
  } else if constexpr (kKind == OpKind::kTaps) {
    taps(op, cursor, c, tile, block, z);
  } else if constexpr (kKind == OpKind::kLine) {
    if (op.count == 5) return line<5>(op, cursor, c, tile, block, z);
    line<3>(op, cursor, c, tile, block, z);
  } else if constexpr (kKind == OpKind::kMaxTaps) {
    any_taps(op, cursor, c, tile, block, z, true);
  } else if constexpr (kKind == OpKind::kAffine) {
    multiply_add();
  } else if constexpr (kKind == OpKind::kScale) {
    BVIT_VECS {
      const V s = load(p0 + kLanes * v);
      BVIT_ROWS z[r][v] = mul(s, z[r][v]);
    }
  } else if constexpr (kKind == OpKind::kShift) {
    BVIT_VECS {
      const V b = load(p1 + kLanes * v);
      BVIT_ROWS z[r][v] = add(z[r][v], b);
    }
  } else if constexpr (kKind == OpKind::kPrelu) {
    BVIT_VECS {
      const V slope = load(p0 + kLanes * v);
      BVIT_ROWS z[r][v] = prelu(slope, z[r][v]);
    }
  } else if constexpr (kKind == OpKind::kClamp) {
    const V low = set1(op.low), high = set1(op.high);
    BVIT_ROWS BVIT_VECS z[r][v] = vmin(high, vmax(low, z[r][v]));  // NaN stays
  } else if constexpr (kKind == OpKind::kFunction) {
    alignas(64) float numbers[kRows * kBlock];
    BVIT_ROWS BVIT_VECS store(numbers + kBlock * r + kLanes * v, z[r][v]);
    apply_function(op.function, numbers);
    BVIT_ROWS BVIT_VECS z[r][v] = load(numbers + kBlock * r + kLanes * v);
  } else if constexpr (kKind == OpKind::kStore) {
    float* to = row_of<float>(cursor.base, op.x, tile) + channel_of(op.x, block);
    const int64_t ld = op.x.ld;
    BVIT_ROWS {
      BVIT_VECS store(to + kLanes * v, z[r][v]);
      step(&to, ld);
    }
  } else if constexpr (kKind == OpKind::kSign) {
    uint32_t* to = row_of<uint32_t>(cursor.base, op.x, tile) + block;
    const int64_t ld = op.x.ld;
    V threshold[kVecs];
    BVIT_VECS threshold[v] = load(p0 + kLanes * v);
    BVIT_ROWS {
      store_less(to, z[r], threshold);
      step(&to, ld);
    }
  }
}
