// Operators that slide windows over maps of floats, and products of matrices.
#include "base/math.h"
#include "delegate/builtin_options.h"
#include "delegate/importers.h"
#include "ops/window.h"

namespace bvit {

bool window_output(NodeReader* r, int32_t in, int32_t kernel, int32_t stride, int32_t dilation,
                   int32_t* out) {
  WindowSide side;
  if (make_side(in, kernel, stride, dilation, r->node.at.padding, &side)) {
    *out = side.out;
    return true;
  }
  *out = 1;
  return r->is_tentative() ||
         r->reason.set("a window of %d, stride %d, dilation %d does not fit a side of %d", kernel,
                       stride, dilation, in);
}

namespace {

bool set_windows(NodeReader* r, int32_t padding, int32_t stride_h, int32_t stride_w,
                 int32_t dilation_h, int32_t dilation_w) {
  if (padding != kPaddingSame && padding != kPaddingValid)
    return r->reason.set("padding %d is not known", padding);
  if (stride_h < 1 || stride_w < 1 || dilation_h < 1 || dilation_w < 1)
    return r->reason.set("strides and dilations must be at least 1; got %d, %d, %d, %d", stride_h,
                         stride_w, dilation_h, dilation_w);
  Attributes* at = &r->node.at;
  at->padding = padding;
  at->stride_h = stride_h, at->stride_w = stride_w;
  at->dilation_h = dilation_h, at->dilation_w = dilation_w;
  return true;
}

bool give_map(NodeReader* r, const Shape& in, int32_t kernel_h, int32_t kernel_w,
              int32_t channels) {
  const Attributes& at = r->node.at;
  Shape out = in;
  out.dim[3] = channels;
  return window_output(r, in.dim[1], kernel_h, at.stride_h, at.dilation_h, &out.dim[1]) &&
         window_output(r, in.dim[2], kernel_w, at.stride_w, at.dilation_w, &out.dim[2]) &&
         r->give(0, Type::kFloat32, out);
}

// A map and a filter of rank 4, neither without channels.
bool take_map_and_filter(NodeReader* r, Shape* in, Shape* filter) {
  Value x, f;
  if (!r->counts(2, 3, 1) || !r->take(0, Type::kFloat32, &x) || !r->take(1, Type::kFloat32, &f))
    return false;
  if (x.shape.rank != 4 || f.shape.rank != 4 || x.shape.dim[3] == 0 || f.shape.elements() == 0)
    return r->reason.set("its input and its filter must have rank 4 and not be empty");
  *in = x.shape;
  *filter = f.shape;
  return true;
}

bool take_bias(NodeReader* r, int32_t channels) {
  if (!r->has_input(2)) return true;
  Value bias;
  if (!r->take(2, Type::kFloat32, &bias)) return false;
  return (bias.shape.rank == 1 && bias.shape.dim[0] == channels) ||
         r->reason.set("its bias must have %d numbers", channels);
}

}  // namespace

bool read_conv2d(NodeReader* r) {
  Shape in, f;
  const auto* o = r->options<tfl::ConvOptions>();
  if (!o || !r->set_activation(o->activation) || !take_map_and_filter(r, &in, &f) ||
      !set_windows(r, o->padding, o->stride_height, o->stride_width, o->dilation_height,
                   o->dilation_width))
    return false;
  r->node.at.groups = in.dim[3] / f.dim[3];
  if (in.dim[3] % f.dim[3] != 0 || f.dim[0] % r->node.at.groups != 0)
    return r->reason.set("%d channels to %d can't be divided among groups of %d", in.dim[3],
                         f.dim[0], f.dim[3]);
  return take_bias(r, f.dim[0]) && give_map(r, in, f.dim[1], f.dim[2], f.dim[0]);
}

bool read_depthwise_conv2d(NodeReader* r) {
  Shape in, f;
  const auto* o = r->options<tfl::DepthwiseConvOptions>();
  if (!o || !r->set_activation(o->activation) || !take_map_and_filter(r, &in, &f) ||
      !set_windows(r, o->padding, o->stride_height, o->stride_width, o->dilation_height,
                   o->dilation_width))
    return false;
  if (f.dim[0] != 1 || f.dim[3] % in.dim[3] != 0)
    return r->reason.set("a filter (%d, h, w, %d) does not fit %d channels", f.dim[0], f.dim[3],
                         in.dim[3]);
  r->node.at.groups = in.dim[3];
  r->node.at.depth_multiplier = f.dim[3] / in.dim[3];
  return take_bias(r, f.dim[3]) && give_map(r, in, f.dim[1], f.dim[2], f.dim[3]);
}

bool read_pool(NodeReader* r) {
  Value x;
  const auto* o = r->options<tfl::PoolOptions>();
  if (!o || !r->counts(1, 1, 1) || !r->set_activation(o->activation) ||
      !r->take(0, Type::kFloat32, &x) ||
      !set_windows(r, o->padding, o->stride_height, o->stride_width, 1, 1))
    return false;
  if (x.shape.rank != 4 || o->filter_height < 1 || o->filter_width < 1)
    return r->reason.set("it must pool a map of rank 4 by at least 1 x 1");
  r->node.at.filter_h = o->filter_height;
  r->node.at.filter_w = o->filter_width;
  return give_map(r, x.shape, o->filter_height, o->filter_width, x.shape.dim[3]);
}

bool read_resize_nearest_neighbor(NodeReader* r) {
  Value x;
  Vec<int32_t> size;
  const auto* o = r->options<tfl::ResizeNearestNeighborOptions>();
  if (!o || !r->counts(2, 2, 1) || !r->take(0, Type::kFloat32, &x) || !r->constant_ints(1, &size))
    return false;
  if (x.shape.rank != 4 || size.size() != 2 || size[0] < 1 || size[1] < 1)
    return r->reason.set("it must resize a map of rank 4 to a height and a width");
  if (x.shape.dim[1] < 1 || x.shape.dim[2] < 1) return r->reason.set("its input is empty");
  r->node.at.align_corners = o->align_corners;
  r->node.at.half_pixel_centers = o->half_pixel_centers;
  Shape out = x.shape;
  out.dim[1] = size[0], out.dim[2] = size[1];
  return r->give(0, Type::kFloat32, out);
}

// (..., in) x (out, in) -> (..., out), or (rows, out) where the dimensions are not kept.
bool read_fully_connected(NodeReader* r) {
  Value x, w;
  const auto* o = r->options<tfl::FullyConnectedOptions>();
  if (!o || !r->counts(2, 3, 1) || !r->set_activation(o->activation) ||
      !r->take(0, Type::kFloat32, &x) || !r->take(1, Type::kFloat32, &w))
    return false;
  if (w.shape.rank != 2 || w.shape.elements() == 0 || o->weights_format != 0)
    return r->reason.set("its weights must be a plain matrix that is not empty");
  const int32_t units = w.shape.dim[0], depth = w.shape.dim[1];
  if (x.shape.rank == 0 || x.shape.elements() % depth != 0 ||
      (o->keep_num_dims && x.shape.channels() != depth))
    return r->reason.set("weights of %d inputs do not fit", depth);
  Shape out = x.shape;
  if (o->keep_num_dims) {
    out.dim[out.rank - 1] = units;
  } else {
    out = Shape();
    out.rank = 2;
    out.dim[0] = static_cast<int32_t>(x.shape.elements() / depth);
    out.dim[1] = units;
  }
  return take_bias(r, units) && r->give(0, Type::kFloat32, out);
}

bool read_batch_matmul(NodeReader* r) {
  Value a, b;
  const auto* o = r->options<tfl::BatchMatMulOptions>();
  if (!o || !r->counts(2, 2, 1) || !r->take(0, Type::kFloat32, &a) ||
      !r->take(1, Type::kFloat32, &b))
    return false;
  if (a.shape.rank < 2 || b.shape.rank < 2)
    return r->reason.set("its inputs must have rank 2 at least");
  r->node.at.adj_x = o->adj_x;
  r->node.at.adj_y = o->adj_y;
  const int32_t *da = a.shape.dim + a.shape.rank - 2, *db = b.shape.dim + b.shape.rank - 2;
  if (da[!o->adj_x] != db[o->adj_y])
    return r->reason.set("inner sizes %d and %d differ", da[!o->adj_x], db[o->adj_y]);
  const int32_t rows = da[o->adj_x], columns = db[!o->adj_y];
  Shape batch_a = a.shape, batch_b = b.shape, out;
  batch_a.rank -= 2;
  batch_b.rank -= 2;
  if (!broadcast(r, batch_a, batch_b, &out)) return false;
  out.dim[out.rank++] = rows;
  out.dim[out.rank++] = columns;
  return r->give(0, Type::kFloat32, out);
}

}  // namespace bvit
