// Operators whose outputs' numbers stand where their inputs' do.
#include "base/math.h"
#include "delegate/builtin_options.h"
#include "delegate/importers.h"

namespace bvit {

bool broadcast(NodeReader* r, const Shape& a, const Shape& b, Shape* out) {
  out->rank = max(a.rank, b.rank);
  for (int32_t i = 1; i <= out->rank; i++) {  // from the last dimension on
    const int32_t da = i <= a.rank ? a.dim[a.rank - i] : 1;
    const int32_t db = i <= b.rank ? b.dim[b.rank - i] : 1;
    if (da != db && da != 1 && db != 1)
      return r->reason.set("sizes %d and %d of its inputs do not broadcast", da, db);
    out->dim[out->rank - i] = da == 1 ? db : da;
  }
  return true;
}

bool read_arithmetic(NodeReader* r) {
  Value a, b;
  Shape out;
  const auto* options = r->options<tfl::ArithmeticOptions>();
  return options && r->counts(2, 2, 1) && r->set_activation(options->activation) &&
         r->take(0, Type::kFloat32, &a) && r->take(1, Type::kFloat32, &b) &&
         broadcast(r, a.shape, b.shape, &out) && r->give(0, Type::kFloat32, out);
}

bool read_add_n(NodeReader* r) {
  if (!r->counts(1, INT32_MAX, 1)) return false;
  Value first;
  for (int32_t i = 0; i < r->inputs(); i++) {
    Value value;
    if (!r->take(i, Type::kFloat32, &value)) return false;
    if (i == 0) first = value;
    if (!(value.shape == first.shape)) return r->reason.set("its inputs must have equal shapes");
  }
  return r->give(0, Type::kFloat32, first.shape);
}

bool read_prelu(NodeReader* r) {
  Value x, slope;
  if (!r->counts(2, 2, 1) || !r->take(0, Type::kFloat32, &x) ||
      !r->take(1, Type::kFloat32, &slope))
    return false;
  const int64_t n = slope.shape.elements();
  const bool per_channel = n == slope.shape.channels() && n == x.shape.channels();
  if (slope.data == nullptr || (n != 1 && !per_channel) || slope.shape.rank > x.shape.rank)
    return r->reason.set("its slope must be a constant with one number, or one per channel");
  return r->give(0, Type::kFloat32, x.shape);
}

bool read_unary(NodeReader* r) {
  Value x;
  return r->counts(1, 1, 1) && r->take(0, Type::kFloat32, &x) &&
         r->give(0, Type::kFloat32, x.shape);
}

bool read_leaky_relu(NodeReader* r) {
  const auto* options = r->options<tfl::LeakyReluOptions>();
  if (!options) return false;
  r->node.at.number = options->alpha;
  return read_unary(r);
}

// The larger or the smaller of two.
bool read_extreme(NodeReader* r) {
  Value a, b;
  Shape out;
  return r->counts(2, 2, 1) && r->take(0, Type::kFloat32, &a) && r->take(1, Type::kFloat32, &b) &&
         broadcast(r, a.shape, b.shape, &out) && r->give(0, Type::kFloat32, out);
}

bool read_gelu(NodeReader* r) {
  const auto* options = r->options<tfl::GeluOptions>();
  if (!options) return false;
  if (options->approximate) return r->reason.set("only GELU by the error function is known");
  return read_unary(r);
}

bool read_softmax(NodeReader* r) {
  Value x;
  const auto* options = r->options<tfl::SoftmaxOptions>();
  if (!options || !r->counts(1, 1, 1) || !r->take(0, Type::kFloat32, &x)) return false;
  if (x.shape.rank == 0) return r->reason.set("input 0 must have rank 1 at least");
  r->node.at.beta = options->beta;
  return r->give(0, Type::kFloat32, x.shape);
}

bool read_comparison(NodeReader* r) {
  Value a, b;
  Shape out;
  return r->counts(2, 2, 1) && r->take(0, Type::kFloat32, &a) && r->take(1, Type::kFloat32, &b) &&
         broadcast(r, a.shape, b.shape, &out) && r->give(0, Type::kBool, out);
}

bool read_select(NodeReader* r) {
  Value condition, a, b;
  Shape values, out;
  return r->counts(3, 3, 1) && r->take(0, Type::kBool, &condition) &&
         r->take(1, Type::kFloat32, &a) && r->take(2, Type::kFloat32, &b) &&
         broadcast(r, a.shape, b.shape, &values) &&
         broadcast(r, condition.shape, values, &out) && r->give(0, Type::kFloat32, out);
}

bool read_cast(NodeReader* r) {
  Value x;
  if (!r->counts(1, 1, 1) || !r->take_any(0, &x)) return false;
  const Type out = r->output_type(0);
  if (out == Type::kOther) return r->reason.set("the type of output 0 is not known");
  return r->give(0, out, x.shape);
}

namespace {

bool is_8_bit(Type type) { return type == Type::kInt8 || type == Type::kUint8; }

bool check_scale(NodeReader* r, const Value& value) {
  if (!is_8_bit(value.type) || (value.scale > 0 && value.scale < __builtin_inff())) return true;
  return r->reason.set("8-bit numbers must have one scale above 0");
}

}  // namespace

bool read_dequantize(NodeReader* r) {
  Value x;
  if (!r->counts(1, 1, 1) || !r->take_any(0, &x) || !check_scale(r, x)) return false;
  if (x.type == Type::kFloat16 && x.data)
    return r->reason.set("it makes a constant, which the runtime does once");
  if (!is_8_bit(x.type) && x.type != Type::kFloat16)
    return r->reason.set("input 0 must be float16, int8 or uint8; got %s", name_of(x.type));
  return r->give(0, Type::kFloat32, x.shape);
}

bool read_quantize(NodeReader* r) {
  Value x, out;
  if (!r->counts(1, 1, 1) || !r->take(0, Type::kFloat32, &x) || !r->look_output(0, &out) ||
      !check_scale(r, out))
    return false;
  if (!is_8_bit(out.type))
    return r->reason.set("output 0 must be int8 or uint8; got %s", name_of(out.type));
  return r->give(0, out.type, x.shape);
}

}  // namespace bvit
