#include "operators.h"

#include "delegate/builtin_options.h"

namespace fuzz {

namespace tfl = bvit::tfl;

// The delegate's, and a few that it does not know.
const int32_t kBuiltinCodes[] = {
    tfl::kBuiltinAdd, tfl::kBuiltinAveragePool2d, tfl::kBuiltinConcatenation, tfl::kBuiltinConv2d,
    tfl::kBuiltinDepthwiseConv2d, tfl::kBuiltinDequantize, tfl::kBuiltinFullyConnected,
    tfl::kBuiltinLogistic, tfl::kBuiltinMaxPool2d, tfl::kBuiltinMul, tfl::kBuiltinRelu,
    tfl::kBuiltinReluN1To1, tfl::kBuiltinRelu6, tfl::kBuiltinReshape, tfl::kBuiltinSoftmax,
    tfl::kBuiltinTanh, tfl::kBuiltinPad, tfl::kBuiltinTranspose, tfl::kBuiltinMean,
    tfl::kBuiltinSub, tfl::kBuiltinDiv, tfl::kBuiltinSqueeze, tfl::kBuiltinStridedSlice,
    tfl::kBuiltinSplit, tfl::kBuiltinCast, tfl::kBuiltinPrelu, tfl::kBuiltinNeg,
    tfl::kBuiltinPadV2, tfl::kBuiltinGreater, tfl::kBuiltinGreaterEqual, tfl::kBuiltinSlice,
    tfl::kBuiltinExpandDims, tfl::kBuiltinSum, tfl::kBuiltinPack, tfl::kBuiltinUnpack,
    tfl::kBuiltinResizeNearestNeighbor, tfl::kBuiltinAbs, tfl::kBuiltinReverseV2,
    tfl::kBuiltinAddN, tfl::kBuiltinQuantize, tfl::kBuiltinHardSwish, tfl::kBuiltinSelectV2,
    tfl::kBuiltinBatchMatMul, tfl::kBuiltinGelu, tfl::kBuiltinMaximum, tfl::kBuiltinMinimum,
    tfl::kBuiltinReduceMax, tfl::kBuiltinLeakyRelu, tfl::kBuiltinRelu0To1, 11, 36, 51, 127, 200};
const size_t kBuiltinCodeCount = sizeof(kBuiltinCodes) / sizeof(*kBuiltinCodes);

const char* const kCustomNames[] = {"LceQuantize", "LceDequantize", "LceBconv2d", "LceBMaxPool2d",
                                    "LceFuture", ""};
const size_t kCustomNameCount = sizeof(kCustomNames) / sizeof(*kCustomNames);

namespace {

struct Boolean {
  int32_t code;
  size_t offset;
};

constexpr Boolean kBooleans[] = {
    {tfl::kBuiltinFullyConnected, offsetof(tfl::FullyConnectedOptions, keep_num_dims)},
    {tfl::kBuiltinBatchMatMul, offsetof(tfl::BatchMatMulOptions, adj_x)},
    {tfl::kBuiltinBatchMatMul, offsetof(tfl::BatchMatMulOptions, adj_y)},
    {tfl::kBuiltinStridedSlice, offsetof(tfl::StridedSliceOptions, offset)},
    {tfl::kBuiltinMean, offsetof(tfl::ReducerOptions, keep_dims)},
    {tfl::kBuiltinSum, offsetof(tfl::ReducerOptions, keep_dims)},
    {tfl::kBuiltinReduceMax, offsetof(tfl::ReducerOptions, keep_dims)},
    {tfl::kBuiltinResizeNearestNeighbor,
     offsetof(tfl::ResizeNearestNeighborOptions, align_corners)},
    {tfl::kBuiltinResizeNearestNeighbor,
     offsetof(tfl::ResizeNearestNeighborOptions, half_pixel_centers)},
    {tfl::kBuiltinGelu, offsetof(tfl::GeluOptions, approximate)},
};

}  // namespace

void make_booleans(int32_t builtin_code, uint8_t* options) {
  for (const Boolean& b : kBooleans)
    if (b.code == builtin_code) options[b.offset] &= 1;
}

}  // namespace fuzz
