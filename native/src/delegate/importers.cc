#include "delegate/importers.h"

#include "delegate/builtin_options.h"

namespace bvit {
namespace {

struct Builtin {
  int32_t code;
  Importer importer;
};

constexpr Builtin kBuiltins[] = {
    {tfl::kBuiltinAdd, {Op::kAdd, read_arithmetic}},
    {tfl::kBuiltinSub, {Op::kSub, read_arithmetic}},
    {tfl::kBuiltinMul, {Op::kMul, read_arithmetic}},
    {tfl::kBuiltinDiv, {Op::kDiv, read_arithmetic}},
    {tfl::kBuiltinAddN, {Op::kAddN, read_add_n}},
    {tfl::kBuiltinPrelu, {Op::kPrelu, read_prelu}},
    {tfl::kBuiltinRelu, {Op::kRelu, read_unary}},
    {tfl::kBuiltinRelu6, {Op::kRelu6, read_unary}},
    {tfl::kBuiltinReluN1To1, {Op::kReluN1To1, read_unary}},
    {tfl::kBuiltinRelu0To1, {Op::kRelu0To1, read_unary}},
    {tfl::kBuiltinLeakyRelu, {Op::kLeakyRelu, read_leaky_relu}},
    {tfl::kBuiltinMaximum, {Op::kMaximum, read_extreme}},
    {tfl::kBuiltinMinimum, {Op::kMinimum, read_extreme}},
    {tfl::kBuiltinLogistic, {Op::kLogistic, read_unary}},
    {tfl::kBuiltinTanh, {Op::kTanh, read_unary}},
    {tfl::kBuiltinHardSwish, {Op::kHardSwish, read_unary}},
    {tfl::kBuiltinGelu, {Op::kGelu, read_gelu}},
    {tfl::kBuiltinNeg, {Op::kNeg, read_unary}},
    {tfl::kBuiltinAbs, {Op::kAbs, read_unary}},
    {tfl::kBuiltinConcatenation, {Op::kConcatenation, read_concatenation}},
    {tfl::kBuiltinSplit, {Op::kSplit, read_split}},
    {tfl::kBuiltinPack, {Op::kPack, read_pack}},
    {tfl::kBuiltinUnpack, {Op::kUnpack, read_unpack}},
    {tfl::kBuiltinSlice, {Op::kSlice, read_slice}},
    {tfl::kBuiltinStridedSlice, {Op::kStridedSlice, read_strided_slice}},
    {tfl::kBuiltinReshape, {Op::kReshape, read_reshape}},
    {tfl::kBuiltinTranspose, {Op::kTranspose, read_transpose}},
    {tfl::kBuiltinReverseV2, {Op::kReverseV2, read_reverse}},
    {tfl::kBuiltinPad, {Op::kPad, read_pad}},
    {tfl::kBuiltinPadV2, {Op::kPad, read_pad}},
    {tfl::kBuiltinExpandDims, {Op::kExpandDims, read_expand_dims}},
    {tfl::kBuiltinSqueeze, {Op::kSqueeze, read_squeeze}},
    {tfl::kBuiltinMean, {Op::kMean, read_reduction}},
    {tfl::kBuiltinSum, {Op::kSum, read_reduction}},
    {tfl::kBuiltinReduceMax, {Op::kReduceMax, read_reduction}},
    {tfl::kBuiltinAveragePool2d, {Op::kAveragePool2d, read_pool}},
    {tfl::kBuiltinMaxPool2d, {Op::kMaxPool2d, read_pool}},
    {tfl::kBuiltinConv2d, {Op::kConv2d, read_conv2d}},
    {tfl::kBuiltinDepthwiseConv2d, {Op::kDepthwiseConv2d, read_depthwise_conv2d}},
    {tfl::kBuiltinFullyConnected, {Op::kFullyConnected, read_fully_connected}},
    {tfl::kBuiltinBatchMatMul, {Op::kBatchMatMul, read_batch_matmul}},
    {tfl::kBuiltinResizeNearestNeighbor,
     {Op::kResizeNearestNeighbor, read_resize_nearest_neighbor}},
    {tfl::kBuiltinSoftmax, {Op::kSoftmax, read_softmax}},
    {tfl::kBuiltinGreaterEqual, {Op::kGreaterEqual, read_comparison}},
    {tfl::kBuiltinGreater, {Op::kGreater, read_comparison}},
    {tfl::kBuiltinSelectV2, {Op::kSelectV2, read_select}},
    {tfl::kBuiltinCast, {Op::kCast, read_cast}},
    {tfl::kBuiltinDequantize, {Op::kDequantize, read_dequantize}},
    {tfl::kBuiltinQuantize, {Op::kQuantize, read_quantize}},
};

struct Custom {
  const char* name;
  Importer importer;
};

constexpr Custom kCustoms[] = {
    {"LceQuantize", {Op::kLceQuantize, read_lce_quantize}},
    {"LceDequantize", {Op::kLceDequantize, read_lce_dequantize}},
    {"LceBconv2d", {Op::kLceBconv2d, read_lce_bconv2d}},
    {"LceBMaxPool2d", {Op::kLceBMaxPool2d, read_lce_bmaxpool2d}},
};

}  // namespace

Importer importer_of(int32_t builtin_code, const char* custom_name) {
  if (custom_name != nullptr) {
    for (const Custom& custom : kCustoms)
      if (strcmp(custom.name, custom_name) == 0) return custom.importer;
    return Importer();
  }
  for (const Builtin& builtin : kBuiltins)
    if (builtin.code == builtin_code) return builtin.importer;
  return Importer();
}

}  // namespace bvit
