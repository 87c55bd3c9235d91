#include "base/math.h"
#include "delegate/builtin_options.h"
#include "delegate/importers.h"

namespace bvit {

bool read_slice(NodeReader* r) {
  Value x;
  Vec<int32_t> begin, size;
  if (!r->counts(3, 3, 1) || !r->take(0, Type::kFloat32, &x) || !r->constant_ints(1, &begin) ||
      !r->constant_ints(2, &size))
    return false;
  const size_t rank = x.shape.rank;
  if (begin.size() != rank || size.size() != rank)
    return r->reason.set("it must have %zu begins and sizes", rank);
  Shape out = x.shape;
  for (size_t i = 0; i < rank; i++) {
    const int64_t in = x.shape.dim[i], count = size[i] == -1 ? in - begin[i] : size[i];
    if (begin[i] < 0 || count < 0 || begin[i] + count > in)
      return r->reason.set("it slices %d and %d more out of %d", begin[i], size[i],
                           x.shape.dim[i]);
    r->node.at.begin.push(begin[i]);
    r->node.at.count.push(static_cast<int32_t>(count));
    r->node.at.step.push(1);
    out.dim[i] = static_cast<int32_t>(count);
  }
  return r->give(0, Type::kFloat32, out);
}

namespace {

struct Side {
  int64_t begin, end, step;
};

// The range along a dimension of `size`, as TensorFlow counts it: negative positions from the end,
// and what lies outside is cut off.
bool resolve_side(NodeReader* r, const tfl::StridedSliceOptions& options, int32_t i, int64_t size,
                  Side* side) {
  const int32_t bit = 1 << i;
  const bool forward = side->step > 0, shrinks = options.shrink_axis_mask & bit;
  const int64_t least = forward ? 0 : -1, most = forward ? size : size - 1;
  if (side->begin < 0) side->begin += size;
  if (shrinks) {  // a single position, whatever the end and the step
    if (options.begin_mask & bit) side->begin = forward ? 0 : size - 1;  // as TensorFlow Lite
    if (side->begin < 0 || side->begin >= size)
      return r->reason.set("it takes position %lld of %lld", static_cast<long long>(side->begin),
                           static_cast<long long>(size));
    *side = {side->begin, side->begin + 1, 1};
    return true;
  }
  if (side->end < 0) side->end += size;
  side->begin = options.begin_mask & bit ? (forward ? 0 : size - 1)
                                         : clamp(side->begin, least, most);
  side->end = options.end_mask & bit ? (forward ? size : -1) : clamp(side->end, least, most);
  return true;
}

int64_t count_of(const Side& side) {
  const int64_t length = side.step > 0 ? side.end - side.begin : side.begin - side.end;
  return length > 0 ? ceil_div(length, side.step > 0 ? side.step : -side.step) : 0;
}

}  // namespace

bool read_strided_slice(NodeReader* r) {
  Value x;
  Vec<int32_t> begin, end, step;
  const auto* options = r->options<tfl::StridedSliceOptions>();
  if (!options || !r->counts(4, 4, 1) || !r->take(0, Type::kFloat32, &x) ||
      !r->constant_ints(1, &begin) || !r->constant_ints(2, &end) || !r->constant_ints(3, &step))
    return false;
  if (options->ellipsis_mask != 0 || options->new_axis_mask != 0 || options->offset)
    return r->reason.set("slices with an ellipsis, new axes or offsets are not known");
  if (begin.size() != end.size() || begin.size() != step.size() ||
      begin.size() > static_cast<size_t>(x.shape.rank))
    return r->reason.set("it must have a begin, an end and a step for at most %d dimensions",
                         x.shape.rank);
  Shape out;
  for (int32_t i = 0; i < x.shape.rank; i++) {
    const bool given = i < static_cast<int32_t>(begin.size());
    Side side = {0, x.shape.dim[i], 1};
    if (given) side = {begin[i], end[i], step[i]};
    if (side.step == 0) return r->reason.set("a step must not be 0");
    if (given && !resolve_side(r, *options, i, x.shape.dim[i], &side)) return false;
    const int32_t count = static_cast<int32_t>(count_of(side));
    r->node.at.begin.push(static_cast<int32_t>(side.begin));
    r->node.at.count.push(count);
    r->node.at.step.push(static_cast<int32_t>(side.step));
    const bool dropped = given && (options->shrink_axis_mask >> i & 1);
    if (!dropped) out.dim[out.rank++] = count;
  }
  return r->give(0, Type::kFloat32, out);
}

}  // namespace bvit
