#include "graph/graph.h"

namespace bvit {

// In the order of the enum; a missing or surplus name does not compile.
const char* name_of(Op op) {
  static const char* const kNames[] = {
      "LceQuantize", "LceDequantize", "LceBconv2d", "LceBMaxPool2d",
      "ADD", "SUB", "MUL", "DIV", "MAXIMUM", "MINIMUM", "ADD_N", "PRELU",
      "RELU", "RELU6", "RELU_N1_TO_1", "RELU_0_TO_1", "LEAKY_RELU", "LOGISTIC", "TANH", "HARD_SWISH", "GELU", "NEG", "ABS",
      "CONCATENATION", "SPLIT", "PACK", "UNPACK", "SLICE", "STRIDED_SLICE",
      "RESHAPE", "TRANSPOSE", "REVERSE_V2", "PAD", "EXPAND_DIMS", "SQUEEZE",
      "MEAN", "SUM", "REDUCE_MAX", "AVERAGE_POOL_2D", "MAX_POOL_2D",
      "CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "BATCH_MATMUL",
      "RESIZE_NEAREST_NEIGHBOR", "SOFTMAX", "GREATER_EQUAL", "GREATER", "SELECT_V2", "CAST",
      "DEQUANTIZE", "QUANTIZE", "other"};
  static_assert(sizeof(kNames) / sizeof(kNames[0]) == static_cast<size_t>(Op::kOther) + 1,
                "one name per operator");
  return kNames[static_cast<size_t>(op)];
}

}  // namespace bvit
