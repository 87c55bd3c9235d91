// A validated copy of a TFLite subgraph: what the delegate reads once, and all others work on.
//
// Whoever builds a Graph (delegate/import.cc) guarantees, whatever the file said:
// - indices are in range, nodes stand in order of execution, each value has one producer at most;
// - constants have the bytes that shape and type need, at least; they lie at multiples of their numbers'
//   size, int64 at multiples of 4;
// - an op's number of inputs and outputs, their types and ranks, and its attributes are those that
//   the op's comment states; a node for which this does not hold is not in the graph;
// - shapes have less than 2^31 elements, and those of computed values are worked out anew from the
//   inputs, as the file's may be wrong;
// - `in` leaves out inputs that only say what an attribute says (axes, sizes, permutations, ...): the
//   first input is always the map that is worked on.
#pragma once

#include "base/libc.h"
#include "base/vec.h"

namespace bvit {

enum class Type : uint8_t { kFloat32, kFloat16, kInt8, kUint8, kInt32, kInt64, kBool, kOther };

constexpr int kMaxRank = 6;

struct Shape {
  int32_t rank = 0;
  int32_t dim[kMaxRank] = {};

  int64_t elements() const {
    int64_t n = 1;
    for (int i = 0; i < rank; i++) n *= dim[i];
    return n;
  }
  int32_t channels() const { return rank ? dim[rank - 1] : 1; }     // the last dimension
  int64_t rows() const { return elements() / (channels() ? channels() : 1); }  // all before it
  bool operator==(const Shape& o) const {
    if (rank != o.rank) return false;
    for (int i = 0; i < rank; i++)
      if (dim[i] != o.dim[i]) return false;
    return true;
  }
};

// A tensor. Bit-packed maps are kInt32 with shape (B, H, W, ceil(C / 32)): bit i of a word is 1
// where channel 32 * word + i is negative.
struct Value {
  Type type = Type::kOther;
  Shape shape;
  const void* data = nullptr;  // of a constant, which outlives the graph; else null
  int32_t tensor = -1;         // index in the TFLite interpreter
  float scale = 0;             // of 8-bit types, per tensor
  int32_t zero_point = 0;
  bool input = false;          // comes into the graph from outside
  bool output = false;         // is read outside of the graph
};

enum class Op : uint8_t {
  // Larq Compute Engine. (B, H, W, C) maps.
  kLceQuantize,     // float32, int8 or bool -> bits
  kLceDequantize,   // bits -> float32, int8 or bool
  kLceBconv2d,      // bits, filter (O, h, w, I / 32) constant, multiplier (O) or -, bias (O) or -,
                    // thresholds (O) or - (all constant) -> float32, int8 or bits
  kLceBMaxPool2d,   // bits -> bits
  // TensorFlow Lite, float32 where nothing else is said.
  kAdd, kSub, kMul, kDiv, kMaximum, kMinimum,  // two inputs that broadcast
  kAddN,                        // equal shapes
  kPrelu,                       // x, constant slope that broadcasts over all but channels
  kRelu, kRelu6, kReluN1To1, kRelu0To1, kLeakyRelu, kLogistic, kTanh, kHardSwish, kGelu, kNeg, kAbs,
  kConcatenation, kSplit, kPack, kUnpack, kSlice, kStridedSlice,
  kReshape, kTranspose, kReverseV2, kPad, kExpandDims, kSqueeze,
  kMean, kSum, kReduceMax,      // over constant axes
  kAveragePool2d, kMaxPool2d,
  kConv2d, kDepthwiseConv2d, kFullyConnected, kBatchMatMul,
  kResizeNearestNeighbor,
  kSoftmax, kGreaterEqual, kGreater, kSelectV2, kCast,
  kDequantize, kQuantize,       // float16 constants -> float32; 8-bit <-> float32
  kOther
};

// TFLite's own numbers.
enum Activation : int32_t { kNone = 0, kActRelu = 1, kActReluN1To1 = 2, kActRelu6 = 3 };
enum Padding : int32_t { kPaddingSame = 1, kPaddingValid = 2 };  // as in TFLite's C structs

// Attributes; those that an op does not have keep these values.
struct Attributes {
  int32_t padding = kPaddingValid;
  int32_t stride_h = 1, stride_w = 1, dilation_h = 1, dilation_w = 1;
  int32_t filter_h = 0, filter_w = 0;   // of pooling
  int32_t activation = kNone;
  int32_t channels_in = 0;              // LceBconv2d
  int32_t pad_value = 0;                // LceBconv2d: 0 pads with zeros, 1 with ones
  int32_t groups = 1;                   // convolutions, from the shapes
  int32_t depth_multiplier = 1;
  int32_t axis = 0;                     // concatenation, split, pack: not negative
  Vec<int32_t> axes;                    // mean, sum, reverse; permutation of transpose
  bool keep_dims = false, align_corners = false, half_pixel_centers = false;
  bool adj_x = false, adj_y = false;    // batch matmul
  float beta = 1;                       // softmax
  Vec<int32_t> begin, count, step;      // slices: of each dimension of the input, dropped ones too
  Vec<int32_t> before, after;           // pad: of each dimension
  float number = 0;                     // pad: what is put there; leaky ReLU: its slope
};

// Inputs that were left out are -1.
struct Node {
  Op op = Op::kOther;
  Vec<int32_t> in, out;
  Attributes at;
  int32_t index = -1;  // in the TFLite interpreter's execution plan
};

struct Graph {
  Vec<Value> values;
  Vec<Node> nodes;
  Vec<Vec<float>> widened;  // constants that the file stores as float16; values point to them

  const Value& in(const Node& node, int i) const { return values[node.in[i]]; }
  const Value& out(const Node& node, int i = 0) const { return values[node.out[i]]; }
};

const char* name_of(Op op);

}  // namespace bvit
