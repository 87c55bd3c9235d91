// Products, binary and float.
#include "compile/emitter.h"

namespace bvit {

namespace {

// The smallest float that is not below x.
float not_below(double x) {
  float y = static_cast<float>(x);
  if (static_cast<double>(y) >= x) return y;
  uint32_t bits;
  memcpy(&bits, &y, sizeof(bits));
  bits += y < 0 ? -1 : 1;
  memcpy(&y, &bits, sizeof(bits));
  return y;
}

// Where some whole number of bits gives 0 but for rounding (half of them, where there is no bias),
// op by op it is 0, and the sign of 0 is +. A shift that is rounded up keeps that sign.
Vec<float> keep_signs_of_zero(const Vec<float>& scale, Vec<float> shift) {
  constexpr double kMostBits = 1 << 28, kRounding = 1.0 / (1 << 22);
  for (size_t c = 0; c < shift.size() && !scale.empty(); c++) {
    if (scale[c] == 0 || !(__builtin_fabsf(shift[c]) < 1e30f)) continue;
    const double bits = -static_cast<double>(shift[c]) / scale[c];
    if (!(bits > 0 && bits < kMostBits)) continue;
    const double whole = static_cast<int32_t>(bits + 0.5);
    if (__builtin_fabs(bits - whole) > bits * kRounding) continue;
    shift[c] = not_below(-whole * scale[c]);
  }
  return shift;
}

}  // namespace

void Emitter::emit_binary_product(int32_t i) {
  const Item& x = item(i);
  const int32_t source = x.in[0], words = blocks_of(item(source).channels);
  const bool pointwise = x.geometry.is_pointwise();
  TileOp op(OpKind::kBinaryProduct);
  op.x = pointwise ? place(source).where : patches(i, words);
  op.k = x.geometry.taps() * words;
  op.weights = pack_binary(x, words, order(i), pointwise ? order(source) : nullptr, s_.constants);
  op.p0 = params(x.scale, x.channels, 1, 0, order(i));
  op.p1 = params(keep_signs_of_zero(x.scale, x.shift), x.channels, 0, 0, order(i));
  const int32_t chain = append(new_chain(blocks_of(x.channels)), op, i);
  append_border(chain, i, i);
}

void Emitter::emit_float_product(int32_t i) {
  const Item& x = item(i);
  const int32_t inputs = item(x.in[0]).channels;
  TileOp op(OpKind::kFloatProduct);
  const Operand map = ensure_plain(x.in[0]);
  if (x.geometry.is_pointwise()) {
    op.x = map;
  } else if (map.ld == inputs && x.geometry.dilation_w == 1) {
    read_segments(i, map, &op);
  } else {
    op.x = patches(i, inputs);
  }
  op.k = x.geometry.taps() * inputs;
  op.weights = pack_float(x, inputs, op.segments > 0, order(i), s_.constants);
  op.p1 = params(x.shift, x.channels, 0, 0, order(i));
  const int32_t chain = append(new_chain(blocks_of(x.channels)), op, i);
  touch(op.w, chain);
}

}  // namespace bvit
