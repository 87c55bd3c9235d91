// Larq Compute Engine's operators. Their options are FlexBuffers with the schema's numbers: padding
// SAME is 0 and VALID is 1, where the C structs of builtin operators have 1 and 2.
#include "base/math.h"
#include "delegate/flexbuffer.h"
#include "delegate/importers.h"
#include "ops/lce_op.h"

namespace bvit {
namespace {

// Counts of bits and the floats made of them stay exact up to here.
constexpr int64_t kMostBits = 1 << 24;

class LceOptions {
 public:
  explicit LceOptions(NodeReader* r)
      : r_(r),
        map_(r->raw().custom_initial_data,
             static_cast<size_t>(max(r->raw().custom_initial_data_size, 0))) {}

  bool number(const char* key, int32_t least, int32_t most, int32_t* out) {
    if (!map_.valid()) return r_->reason.set("its options are not a FlexBuffer map");
    int32_t value;
    if (!map_.integer(key, &value))
      return r_->reason.set("its options have no whole number '%s'", key);
    if (value < least || value > most)
      return r_->reason.set("option '%s' must be in [%d, %d]; got %d", key, least, most, value);
    *out = value;
    return true;
  }

  bool size(const char* key, int32_t* out) { return number(key, 1, INT32_MAX, out); }

  bool padding(int32_t* out) {
    int32_t in_schema = 0;
    if (!number("padding", 0, 1, &in_schema)) return false;
    *out = in_schema == 0 ? kPaddingSame : kPaddingValid;
    return true;
  }

 private:
  NodeReader* r_;
  FlexMap map_;
};

int32_t packed(int32_t channels) { return static_cast<int32_t>(ceil_div(channels, 32)); }

bool is_number_type(Type type) {
  return type == Type::kFloat32 || type == Type::kInt8 || type == Type::kBool;
}

bool has_scale(const Value& value) { return value.scale > 0 && value.scale < __builtin_inff(); }

bool give_windows(NodeReader* r, const Shape& in, int32_t kernel_h, int32_t kernel_w, Type type,
                  int32_t channels) {
  const Attributes& at = r->node.at;
  Shape out = in;
  out.dim[3] = channels;
  return window_output(r, in.dim[1], kernel_h, at.stride_h, at.dilation_h, &out.dim[1]) &&
         window_output(r, in.dim[2], kernel_w, at.stride_w, at.dilation_w, &out.dim[2]) &&
         r->give(0, type, out);
}

bool read_bconv2d_options(NodeReader* r) {
  LceOptions options(r);
  Attributes* at = &r->node.at;
  return options.size("stride_height", &at->stride_h) &&
         options.size("stride_width", &at->stride_w) &&
         options.size("dilation_height_factor", &at->dilation_h) &&
         options.size("dilation_width_factor", &at->dilation_w) && options.padding(&at->padding) &&
         options.number("pad_values", 0, 1, &at->pad_value) &&
         options.size("channels_in", &at->channels_in) &&
         options.number("fused_activation_function", kNone, kActRelu6, &at->activation);
}

// The filter, against the input and `channels_in`; sets the groups.
bool check_filter(NodeReader* r, const Shape& in, const Value& filter) {
  const Shape& f = filter.shape;
  if (filter.data == nullptr || f.rank != 4 || f.elements() == 0)
    return r->reason.set("its filter must be a constant of rank 4 that is not empty");
  const int32_t words = packed(r->node.at.channels_in);
  if (in.dim[3] != words)
    return r->reason.set("%d channels need %d words; its input has %d", r->node.at.channels_in,
                         words, in.dim[3]);
  if (words % f.dim[3] != 0)
    return r->reason.set("%d words of input can't be divided among groups of %d", words, f.dim[3]);
  const int32_t groups = words / f.dim[3];
  if (groups > 1 && (r->node.at.channels_in % (32 * groups) != 0 || f.dim[0] % groups != 0))
    return r->reason.set("%d channels to %d can't be divided among %d groups of whole words",
                         r->node.at.channels_in, f.dim[0], groups);
  r->node.at.groups = groups;
  const int64_t bits = f.elements() / f.dim[0] * 32;
  return bits <= kMostBits || r->reason.set("more than %lld weights per output channel",
                                            static_cast<long long>(kMostBits));
}

// Numbers by which counts become outputs.
bool take_transform(NodeReader* r, Type out, int32_t channels) {
  if (out == Type::kInt32) {
    r->take_nothing();
    r->take_nothing();
    return r->take_constant(4, Type::kInt32, channels);
  }
  if (!r->take_constant(2, Type::kFloat32, channels) ||
      !r->take_constant(3, Type::kFloat32, channels))
    return false;
  r->take_nothing();
  return true;
}

// LCE itself runs zero padding of other outputs than plain floats in its reference kernel alone,
// for even numbers of channels: a tap outside counts half of them.
bool check_zero_padding(NodeReader* r, Type out) {
  const Attributes& at = r->node.at;
  const bool counts = out != Type::kFloat32 || at.activation != kNone;
  if (at.padding != kPaddingSame || at.pad_value != 0 || !counts || at.channels_in % 2 == 0)
    return true;
  return r->reason.set("zero padding of %d channels (an odd number) needs float output without "
                       "activation", at.channels_in);
}

}  // namespace

bool read_lce_quantize(NodeReader* r) {
  Value in;
  if (!r->counts(1, 1, 1) || !r->take_any(0, &in)) return false;
  if (!is_number_type(in.type) || in.shape.rank == 0)
    return r->reason.set("input 0 must be float32, int8 or bool, of rank 1 at least");
  Shape out = in.shape;
  out.dim[out.rank - 1] = packed(in.shape.channels());
  return r->give(0, Type::kInt32, out);
}

// The number of channels is the output's: bits know only whole words.
bool read_lce_dequantize(NodeReader* r) {
  Value in, out;
  if (!r->counts(1, 1, 1) || !r->take(0, Type::kInt32, &in) || !r->look_output(0, &out))
    return false;
  if (!is_number_type(out.type))
    return r->reason.set("output 0 must be float32, int8 or bool; got %s", name_of(out.type));
  if (in.shape.rank == 0 || out.shape.rank != in.shape.rank ||
      packed(out.shape.channels()) != in.shape.channels())
    return r->reason.set("%d channels of output do not fit %d words", out.shape.channels(),
                         in.shape.channels());
  if (out.type == Type::kInt8 && !has_scale(out))
    return r->reason.set("its int8 output must have one scale above 0");
  Shape shape = in.shape;
  shape.dim[shape.rank - 1] = out.shape.channels();
  return r->give(0, out.type, shape);
}

bool read_lce_bconv2d(NodeReader* r) {
  Value in, filter;
  if (!r->counts(5, 5, 1) || !read_bconv2d_options(r) || !r->take(0, Type::kInt32, &in) ||
      !r->take(1, Type::kInt32, &filter))
    return false;
  if (in.shape.rank != 4) return r->reason.set("input 0 must have rank 4; got %d", in.shape.rank);
  if (!check_filter(r, in.shape, filter)) return false;
  const Type out = r->output_type(0);
  if (out != Type::kFloat32 && out != Type::kInt8 && out != Type::kInt32)
    return r->reason.set("output 0 must be float32, int8 or int32; got %s", name_of(out));
  const Shape& f = filter.shape;
  Value quantized;
  if (out == Type::kInt8 && (!r->look_output(0, &quantized) || !has_scale(quantized)))
    return r->reason.set("its int8 output must have one scale above 0");
  return take_transform(r, out, f.dim[0]) && check_zero_padding(r, out) &&
         give_windows(r, in.shape, f.dim[1], f.dim[2], out,
                      out == Type::kInt32 ? packed(f.dim[0]) : f.dim[0]);
}

bool read_lce_bmaxpool2d(NodeReader* r) {
  Value in;
  LceOptions options(r);
  Attributes* at = &r->node.at;
  if (!r->counts(1, 1, 1) || !options.size("filter_height", &at->filter_h) ||
      !options.size("filter_width", &at->filter_w) ||
      !options.size("stride_height", &at->stride_h) ||
      !options.size("stride_width", &at->stride_w) || !options.padding(&at->padding) ||
      !r->take(0, Type::kInt32, &in))
    return false;
  if (in.shape.rank != 4) return r->reason.set("input 0 must have rank 4; got %d", in.shape.rank);
  return give_windows(r, in.shape, at->filter_h, at->filter_w, Type::kInt32, in.shape.dim[3]);
}

}  // namespace bvit
