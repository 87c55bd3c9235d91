// Readers of operators: each checks one node and works out its outputs' shapes.
#pragma once

#include "delegate/node_reader.h"

namespace bvit {

// What reads a node, or null `read` for operators that are not known.
struct Importer {
  Op op = Op::kOther;
  bool (*read)(NodeReader*) = nullptr;
};

// By TensorFlow Lite's number of the operator and, of custom ones, their name (else null).
Importer importer_of(int32_t builtin_code, const char* custom_name);

// Larq Compute Engine
bool read_lce_quantize(NodeReader* r);
bool read_lce_dequantize(NodeReader* r);
bool read_lce_bconv2d(NodeReader* r);
bool read_lce_bmaxpool2d(NodeReader* r);
// elementwise
bool read_arithmetic(NodeReader* r);
bool read_add_n(NodeReader* r);
bool read_prelu(NodeReader* r);
bool read_unary(NodeReader* r);
bool read_leaky_relu(NodeReader* r);
bool read_extreme(NodeReader* r);
bool read_gelu(NodeReader* r);
bool read_softmax(NodeReader* r);
bool read_comparison(NodeReader* r);
bool read_select(NodeReader* r);
bool read_cast(NodeReader* r);
bool read_dequantize(NodeReader* r);
bool read_quantize(NodeReader* r);
// layout
bool read_reshape(NodeReader* r);
bool read_expand_dims(NodeReader* r);
bool read_squeeze(NodeReader* r);
bool read_transpose(NodeReader* r);
bool read_reverse(NodeReader* r);
bool read_reduction(NodeReader* r);
// parts
bool read_concatenation(NodeReader* r);
bool read_split(NodeReader* r);
bool read_pack(NodeReader* r);
bool read_unpack(NodeReader* r);
bool read_slice(NodeReader* r);
bool read_strided_slice(NodeReader* r);
bool read_pad(NodeReader* r);
// windows and products
bool read_conv2d(NodeReader* r);
bool read_depthwise_conv2d(NodeReader* r);
bool read_pool(NodeReader* r);
bool read_resize_nearest_neighbor(NodeReader* r);
bool read_fully_connected(NodeReader* r);
bool read_batch_matmul(NodeReader* r);

// The shape of what broadcasts over both. False with a reason where nothing does.
bool broadcast(NodeReader* r, const Shape& a, const Shape& b, Shape* out);

// Sides of an output that windows make; where none fits, 1 as long as the node is tentative.
bool window_output(NodeReader* r, int32_t in, int32_t kernel, int32_t stride, int32_t dilation,
                   int32_t* out);

}  // namespace bvit
