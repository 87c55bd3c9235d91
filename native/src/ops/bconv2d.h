// LceBconv2d on whole maps, bit for bit as LCE computes it.
//
// LCE has three kernels. Its default (im2col) one is the definition; the indirect one computes the
// same and is the only optimized one with groups. Both know zero padding only for float output
// without activation: they pad with +1 and then add `-multiplier * (sum of the filter outside)` to
// the finished floats. For all other outputs zero padding is defined by LCE's reference kernel,
// which counts half of the channels for each tap outside, before clamp, threshold and scale.
#pragma once

#include "kernels/kernels.h"
#include "ops/border.h"
#include "ops/output_transform.h"

namespace bvit {

struct Bconv2dParameters {
  WindowSide y, x;
  int32_t batches = 0;
  int32_t words = 0;               // of a position of the input, all groups
  int32_t channels_in = 0, channels_out = 0, groups = 1;
  bool zero_padding = false;       // SAME with pad_values = 0
  int32_t activation = kNone;
  Type out = Type::kFloat32;       // kFloat32, kInt8 or kInt32 (bits)
  float out_scale = 1;             // of int8
  int32_t out_zero_point = 0;
  // Constants that `prepare` reads, and nothing later.
  const uint32_t* filter = nullptr;      // (channels_out, y.kernel, x.kernel, words / groups)
  const float* multiplier = nullptr;     // (channels_out), float and int8
  const float* bias = nullptr;
  const int32_t* thresholds = nullptr;   // (channels_out), bits: 1 where more bits differ

  int32_t bits() const { return y.kernel * x.kernel * (channels_in / groups); }  // LCE's K
  // Padding is corrected in the floats of the output, not in counts.
  bool corrects_floats() const { return out == Type::kFloat32 && activation == kNone; }
};

class Bconv2d {
 public:
  // False where memory ends.
  bool prepare(const Bconv2dParameters& parameters, const Kernels* kernels);

  int64_t rows() const { return static_cast<int64_t>(p_.batches) * p_.y.out * p_.x.out; }
  size_t scratch_bytes() const { return patch_bytes_ + count_bytes_ + distance_bytes_; }
  // Rows [begin, end) of all positions of the output; `scratch` is this call's own.
  void run(const uint32_t* in, void* out, int64_t begin, int64_t end, void* scratch) const;

 private:
  struct Tile;

  bool pack_filter();
  bool prepare_border();
  void plan_scratch();
  bool is_pointwise() const;
  const uint32_t* patches(const Tile& tile, int32_t group, ptrdiff_t* ld) const;
  void gather(const Tile& tile, int32_t group) const;
  void correct_counts(const Tile& tile, int32_t group) const;
  void write_group(const Tile& tile, int32_t group) const;
  void correct_floats(const Tile& tile) const;

  Bconv2dParameters p_;
  const Kernels* kernels_ = nullptr;
  int32_t group_words_ = 0, group_channels_ = 0, group_blocks_ = 0;
  int32_t patch_words_ = 0;        // of one output position and group
  int32_t tile_rows_ = 1;
  size_t patch_bytes_ = 0, count_bytes_ = 0, distance_bytes_ = 0;
  Buffer weights_;                 // groups of packed weights, see kernels.h
  OutputTransform transform_;
  Buffer limits_;                  // thresholds as floats
  Border border_;
  Buffer border_floats_;           // (entries, channels_out): what corrects floats
};

}  // namespace bvit
