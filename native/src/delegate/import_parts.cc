// Operators that join maps, take them apart, or cut and pad them.
#include "base/math.h"
#include "delegate/builtin_options.h"
#include "delegate/importers.h"

namespace bvit {
namespace {

// `count` inputs of equal shape, but for the axis (-1: not even there). Sums up the axis' sizes.
bool take_equal(NodeReader* r, int32_t axis, Shape* shape, int64_t* total) {
  for (int32_t i = 0; i < r->inputs(); i++) {
    Value x;
    if (!r->take(i, Type::kFloat32, &x)) return false;
    if (i == 0) *shape = x.shape;
    if (axis >= 0 && axis < x.shape.rank) {
      *total += x.shape.dim[axis];
      x.shape.dim[axis] = shape->dim[axis];
    }
    if (!(x.shape == *shape)) return r->reason.set("input %d has a shape of its own", i);
  }
  return true;
}

}  // namespace

bool read_concatenation(NodeReader* r) {
  Value first;
  const auto* options = r->options<tfl::ConcatenationOptions>();
  if (!options || !r->counts(1, INT32_MAX, 1) || !r->look(0, &first) ||
      !r->set_axis(options->axis, first.shape.rank))
    return false;
  if (options->activation != kNone)
    return r->reason.set("fused activation %d is not known", options->activation);
  Shape out;
  int64_t total = 0;
  if (!take_equal(r, r->node.at.axis, &out, &total)) return false;
  if (total > INT32_MAX) return r->reason.set("its output is beyond 2^31 elements");
  out.dim[r->node.at.axis] = static_cast<int32_t>(total);
  return r->give(0, Type::kFloat32, out);
}

bool read_split(NodeReader* r) {
  Value x;
  Vec<int32_t> axis;
  const auto* options = r->options<tfl::SplitOptions>();
  if (!options || !r->counts(2, 2, r->outputs()) || !r->constant_ints(0, &axis) ||
      !r->take(1, Type::kFloat32, &x))
    return false;
  if (axis.size() != 1) return r->reason.set("it must have one axis; got %zu", axis.size());
  if (!r->set_axis(axis[0], x.shape.rank)) return false;
  const int32_t parts = r->outputs();
  int32_t* size = &x.shape.dim[r->node.at.axis];
  if (parts == 0 || parts != options->num_splits || *size % parts != 0)
    return r->reason.set("%d can't be split into %d for %d outputs", *size, options->num_splits,
                         parts);
  *size /= parts;
  for (int32_t i = 0; i < parts; i++)
    if (!r->give(i, Type::kFloat32, x.shape)) return false;
  return true;
}

bool read_pack(NodeReader* r) {
  Value first;
  const auto* options = r->options<tfl::PackOptions>();
  if (!options || !r->counts(1, INT32_MAX, 1) || !r->look(0, &first) ||
      !r->set_axis(options->axis, first.shape.rank + 1))
    return false;
  if (options->values_count != r->inputs() || first.shape.rank == kMaxRank)
    return r->reason.set("it must have %d inputs of rank below %d", options->values_count,
                         kMaxRank);
  Shape part, out;
  int64_t total = 0;
  if (!take_equal(r, -1, &part, &total)) return false;
  out.rank = part.rank + 1;
  for (int32_t i = 0, from = 0; i < out.rank; i++)
    out.dim[i] = i == r->node.at.axis ? r->inputs() : part.dim[from++];
  return r->give(0, Type::kFloat32, out);
}

bool read_unpack(NodeReader* r) {
  Value x;
  const auto* options = r->options<tfl::UnpackOptions>();
  if (!options || !r->counts(1, 1, r->outputs()) || !r->take(0, Type::kFloat32, &x) ||
      !r->set_axis(options->axis, x.shape.rank))
    return false;
  const int32_t size = x.shape.dim[r->node.at.axis];
  if (size != options->num || size != r->outputs())
    return r->reason.set("%d can't be unpacked into %d for %d outputs", size, options->num,
                         r->outputs());
  Shape part;
  for (int32_t i = 0; i < x.shape.rank; i++)
    if (i != r->node.at.axis) part.dim[part.rank++] = x.shape.dim[i];
  for (int32_t i = 0; i < size; i++)
    if (!r->give(i, Type::kFloat32, part)) return false;
  return true;
}

bool read_pad(NodeReader* r) {
  Value x;
  Vec<int32_t> sizes;
  if (!r->counts(2, 3, 1) || !r->take(0, Type::kFloat32, &x) || !r->constant_ints(1, &sizes))
    return false;
  if (static_cast<int32_t>(sizes.size()) != 2 * x.shape.rank)
    return r->reason.set("it must have %d paddings; got %zu", 2 * x.shape.rank, sizes.size());
  if (r->has_input(2) && !r->constant_float(2, &r->node.at.number)) return false;
  Shape out = x.shape;
  for (int32_t i = 0; i < out.rank; i++) {
    const int32_t before = sizes[2 * i], after = sizes[2 * i + 1];
    const int64_t size = int64_t{out.dim[i]} + before + after;
    if (before < 0 || after < 0 || size > INT32_MAX)
      return r->reason.set("paddings %d and %d of dimension %d", before, after, i);
    r->node.at.before.push(before);
    r->node.at.after.push(after);
    out.dim[i] = static_cast<int32_t>(size);
  }
  return r->give(0, Type::kFloat32, out);
}

}  // namespace bvit
