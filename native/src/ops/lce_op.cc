#include "ops/lce_op.h"

#include "base/math.h"
#include "graph/types.h"
#include "ops/dequantize.h"
#include "ops/quantize.h"

namespace bvit {
bool lce_windows(const Attributes& at, const Shape& in, int32_t kernel_h, int32_t kernel_w,
                 WindowSide* y, WindowSide* x) {
  return make_side(in.dim[1], kernel_h, at.stride_h, at.dilation_h, at.padding, y) &&
         make_side(in.dim[2], kernel_w, at.stride_w, at.dilation_w, at.padding, x);
}

bool LceOp::prepare_bconv2d(const Graph& graph, const Node& node) {
  const Value &in = graph.in(node, 0), &filter = graph.in(node, 1), &out = graph.out(node);
  Bconv2dParameters p;
  if (!lce_windows(node.at, in.shape, filter.shape.dim[1], filter.shape.dim[2], &p.y, &p.x))
    return false;
  p.batches = in.shape.dim[0];
  p.words = in.shape.channels();
  p.channels_in = node.at.channels_in;
  p.channels_out = filter.shape.dim[0];
  p.groups = node.at.groups;
  p.zero_padding = node.at.padding == kPaddingSame && node.at.pad_value == 0;
  p.activation = node.at.activation;
  p.out = out.type;
  p.out_scale = out.scale;
  p.out_zero_point = out.zero_point;
  p.filter = static_cast<const uint32_t*>(filter.data);
  if (out.type == Type::kInt32) {
    p.thresholds = static_cast<const int32_t*>(graph.in(node, 4).data);
  } else {
    p.multiplier = static_cast<const float*>(graph.in(node, 2).data);
    p.bias = static_cast<const float*>(graph.in(node, 3).data);
  }
  return bconv2d_.prepare(p, kernels_) && bconv2d_.rows() == out.shape.rows();
}

bool LceOp::prepare_pool(const Graph& graph, const Node& node) {
  const Shape &in = graph.in(node, 0).shape, &out = graph.out(node).shape;
  if (!lce_windows(node.at, in, node.at.filter_h, node.at.filter_w, &pool_.y, &pool_.x))
    return false;
  pool_.batches = in.dim[0];
  pool_.words = in.channels();
  return pool_.rows() == out.rows();
}

bool LceOp::prepare(const Graph& graph, const Node& node, const Kernels* kernels) {
  op_ = node.op;
  kernels_ = kernels;
  if (op_ == Op::kLceBconv2d) return prepare_bconv2d(graph, node);
  if (op_ == Op::kLceBMaxPool2d) return prepare_pool(graph, node);
  const bool packs = op_ == Op::kLceQuantize;
  const Value& numbers = packs ? graph.in(node, 0) : graph.out(node);
  const Value& bits = packs ? graph.out(node) : graph.in(node, 0);
  type_ = numbers.type;
  rows_ = numbers.shape.rows();
  channels_ = numbers.shape.channels();
  words_ = bits.shape.channels();
  scale_ = numbers.scale;
  zero_point_ = numbers.zero_point;
  return bits.shape.rows() == rows_ && words_ == ceil_div(channels_, 32);
}

int64_t LceOp::rows() const {
  if (op_ == Op::kLceBconv2d) return bconv2d_.rows();
  if (op_ == Op::kLceBMaxPool2d) return pool_.rows();
  return rows_;
}

size_t LceOp::scratch_bytes() const {
  return op_ == Op::kLceBconv2d ? bconv2d_.scratch_bytes() : 0;
}

int64_t LceOp::offset_of(int64_t row) const {
  return row * channels_ * static_cast<int64_t>(size_of(type_));
}

void LceOp::quantize(const void* in, uint32_t* out, int64_t begin, int64_t end) const {
  const uint8_t* from = static_cast<const uint8_t*>(in) + offset_of(begin);
  out += begin * words_;
  const int64_t n = end - begin;
  if (type_ == Type::kFloat32) {
    quantize_f32(*kernels_, reinterpret_cast<const float*>(from), n, channels_, out);
  } else if (type_ == Type::kInt8) {
    quantize_i8(reinterpret_cast<const int8_t*>(from), n, channels_, zero_point_, out);
  } else {
    quantize_bool(from, n, channels_, out);
  }
}

void LceOp::dequantize(const uint32_t* in, void* out, int64_t begin, int64_t end) const {
  uint8_t* to = static_cast<uint8_t*>(out) + offset_of(begin);
  in += begin * words_;
  const int64_t n = end - begin;
  if (type_ == Type::kFloat32) {
    dequantize_f32(in, n, channels_, reinterpret_cast<float*>(to));
  } else if (type_ == Type::kInt8) {
    dequantize_i8(in, n, channels_, scale_, zero_point_, reinterpret_cast<int8_t*>(to));
  } else {
    dequantize_bool(in, n, channels_, to);
  }
}

void LceOp::run(const void* in, void* out, int64_t begin, int64_t end, void* scratch) const {
  const uint32_t* bits = static_cast<const uint32_t*>(in);
  switch (op_) {
    case Op::kLceQuantize: return quantize(in, static_cast<uint32_t*>(out), begin, end);
    case Op::kLceDequantize: return dequantize(bits, out, begin, end);
    case Op::kLceBMaxPool2d: return pool_.run(bits, static_cast<uint32_t*>(out), begin, end);
    default: return bconv2d_.run(bits, out, begin, end, scratch);
  }
}

}  // namespace bvit
