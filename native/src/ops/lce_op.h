// Any node of Larq Compute Engine, prepared to run on whole maps, bit for bit as LCE does.
#pragma once

#include "graph/graph.h"
#include "ops/bconv2d.h"
#include "ops/bmaxpool2d.h"

namespace bvit {

inline bool is_lce(Op op) {
  return op == Op::kLceQuantize || op == Op::kLceDequantize || op == Op::kLceBconv2d ||
         op == Op::kLceBMaxPool2d;
}

// The side lengths of a binary convolution's or pooling's output, from the shape of its input.
// False where no window fits.
bool lce_windows(const Attributes& at, const Shape& in, int32_t kernel_h, int32_t kernel_w,
                 WindowSide* y, WindowSide* x);

class LceOp {
 public:
  // `node` must be one for which `is_lce` holds. It may be forgotten afterwards, the constants that
  // it names as well. False where memory ends or the shapes do not fit each other.
  bool prepare(const Graph& graph, const Node& node, const Kernels* kernels);

  // Rows of the output, which do not depend on each other: threads may share them.
  int64_t rows() const;
  // Memory (64-byte aligned) that each call of `run` needs for itself.
  size_t scratch_bytes() const;
  void run(const void* in, void* out, int64_t begin, int64_t end, void* scratch) const;

 private:
  bool prepare_bconv2d(const Graph& graph, const Node& node);
  bool prepare_pool(const Graph& graph, const Node& node);
  // Bytes of numbers before a row.
  int64_t offset_of(int64_t row) const;
  void quantize(const void* in, uint32_t* out, int64_t begin, int64_t end) const;
  void dequantize(const uint32_t* in, void* out, int64_t begin, int64_t end) const;

  Op op_ = Op::kOther;
  const Kernels* kernels_ = nullptr;
  // LceQuantize and LceDequantize: `type_` of the numbers, `channels_` of them in a row.
  Type type_ = Type::kOther;
  int64_t rows_ = 0;
  int32_t channels_ = 0, words_ = 0;
  float scale_ = 0;
  int32_t zero_point_ = 0;
  Bconv2d bconv2d_;
  BMaxPool2d pool_;
};

}  // namespace bvit
