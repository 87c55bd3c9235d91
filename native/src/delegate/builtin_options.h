// Options of TensorFlow Lite's builtin operators, as its C structs (`builtin_data` of a node) lay
// them out: the leading fields that are read. Fields are only ever added behind them.
#pragma once

#include "base/libc.h"

namespace bvit {
namespace tfl {

// Operators by their numbers in the schema.
enum Builtin : int32_t {
  kBuiltinAdd = 0, kBuiltinAveragePool2d = 1, kBuiltinConcatenation = 2, kBuiltinConv2d = 3,
  kBuiltinDepthwiseConv2d = 4, kBuiltinDequantize = 6, kBuiltinFullyConnected = 9,
  kBuiltinLogistic = 14, kBuiltinMaxPool2d = 17, kBuiltinMul = 18, kBuiltinRelu = 19,
  kBuiltinReluN1To1 = 20, kBuiltinRelu6 = 21, kBuiltinReshape = 22, kBuiltinSoftmax = 25,
  kBuiltinTanh = 28, kBuiltinPad = 34, kBuiltinTranspose = 39, kBuiltinMean = 40,
  kBuiltinSub = 41, kBuiltinDiv = 42, kBuiltinSqueeze = 43, kBuiltinStridedSlice = 45,
  kBuiltinSplit = 49, kBuiltinCast = 53, kBuiltinPrelu = 54, kBuiltinMaximum = 55,
  kBuiltinMinimum = 57, kBuiltinNeg = 59,
  kBuiltinPadV2 = 60, kBuiltinGreater = 61, kBuiltinGreaterEqual = 62, kBuiltinSlice = 65,
  kBuiltinExpandDims = 70, kBuiltinSum = 74, kBuiltinReduceMax = 82,
  kBuiltinPack = 83, kBuiltinUnpack = 88, kBuiltinResizeNearestNeighbor = 97,
  kBuiltinLeakyRelu = 98, kBuiltinAbs = 101, kBuiltinReverseV2 = 105,
  kBuiltinAddN = 106, kBuiltinQuantize = 114, kBuiltinHardSwish = 117, kBuiltinSelectV2 = 123,
  kBuiltinBatchMatMul = 126, kBuiltinGelu = 150, kBuiltinRelu0To1 = 152
};

// ADD, SUB, MUL and DIV.
struct ArithmeticOptions {
  int32_t activation;
};

struct ConvOptions {
  int32_t padding, stride_width, stride_height, activation;
  int32_t dilation_width, dilation_height;
};

struct DepthwiseConvOptions {
  int32_t padding, stride_width, stride_height, depth_multiplier, activation;
  int32_t dilation_width, dilation_height;
};

struct PoolOptions {
  int32_t padding, stride_width, stride_height, filter_width, filter_height, activation;
};

struct FullyConnectedOptions {
  int32_t activation, weights_format;
  bool keep_num_dims;
};

struct BatchMatMulOptions {
  bool adj_x, adj_y;
};

struct SoftmaxOptions {
  float beta;
};

struct ConcatenationOptions {
  int32_t axis, activation;
};

struct SplitOptions {
  int32_t num_splits;
};

struct PackOptions {
  int32_t values_count, axis;
};

struct UnpackOptions {
  int32_t num, axis;
};

struct SqueezeOptions {
  int32_t squeeze_dims[8];
  int32_t num_squeeze_dims;
};

struct StridedSliceOptions {
  int32_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask;
  bool offset;
};

struct ReshapeOptions {
  int32_t shape[8];
  int32_t num_dimensions;
};

struct ReducerOptions {
  bool keep_dims;
};

struct ResizeNearestNeighborOptions {
  bool align_corners, half_pixel_centers;
};

struct LeakyReluOptions {
  float alpha;
};

struct GeluOptions {
  bool approximate;
};

}  // namespace tfl
}  // namespace bvit
