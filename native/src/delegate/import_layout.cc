// Operators that see a map as another shape, in another order, or summed up along axes.
#include "base/math.h"
#include "delegate/builtin_options.h"
#include "delegate/importers.h"

namespace bvit {
namespace {

void sort(Vec<int32_t>* v) {
  for (size_t i = 1; i < v->size(); i++)
    for (size_t j = i; j > 0 && (*v)[j] < (*v)[j - 1]; j--) {
      const int32_t larger = (*v)[j - 1];
      (*v)[j - 1] = (*v)[j];
      (*v)[j] = larger;
    }
}

// Axes of a constant, in order, without repetition, none negative.
bool read_axes(NodeReader* r, int32_t i, int32_t rank) {
  Vec<int32_t> axes;
  if (!r->constant_ints(i, &axes)) return false;
  for (int32_t axis : axes) {
    if (!r->set_axis(axis, rank)) return false;
    if (!r->node.at.axes.contains(r->node.at.axis)) r->node.at.axes.push(r->node.at.axis);
  }
  sort(&r->node.at.axes);
  r->node.at.axis = 0;
  return true;
}

// The new shape, from a constant input or else from the options.
bool read_new_shape(NodeReader* r, Vec<int32_t>* dims) {
  if (r->has_input(1)) return r->constant_ints(1, dims);
  const auto* options = r->options<tfl::ReshapeOptions>();
  if (!options) return false;
  if (options->num_dimensions < 0 || options->num_dimensions > 8)
    return r->reason.set("its new shape has rank %d", options->num_dimensions);
  for (int32_t i = 0; i < options->num_dimensions; i++) dims->push(options->shape[i]);
  return true;
}

// One dimension may be -1: what the others leave of `elements`.
bool complete_shape(NodeReader* r, const Vec<int32_t>& dims, int64_t elements, Shape* out) {
  if (dims.size() > kMaxRank)
    return r->reason.set("rank must be at most %d; got %zu", kMaxRank, dims.size());
  int32_t open = -1;
  out->rank = static_cast<int32_t>(dims.size());
  for (int32_t i = 0; i < out->rank; i++) {
    out->dim[i] = dims[i];
    if (dims[i] != -1) continue;
    if (open >= 0) return r->reason.set("its new shape leaves two sizes open");
    open = i;
    out->dim[i] = 1;
  }
  if (!is_sane(*out)) return r->reason.set("its new shape is negative or beyond 2^31 elements");
  const int64_t known = out->elements();
  if (open >= 0 && known > 0) out->dim[open] = static_cast<int32_t>(elements / known);
  return out->elements() == elements ||
         r->reason.set("its new shape has %lld elements, its input %lld",
                       static_cast<long long>(out->elements()), static_cast<long long>(elements));
}

}  // namespace

bool read_reshape(NodeReader* r) {
  Value x;
  Vec<int32_t> dims;
  Shape out;
  return r->counts(1, 2, 1) && r->take(0, Type::kFloat32, &x) && read_new_shape(r, &dims) &&
         complete_shape(r, dims, x.shape.elements(), &out) && r->give(0, Type::kFloat32, out);
}

bool read_expand_dims(NodeReader* r) {
  Value x;
  Vec<int32_t> axis;
  if (!r->counts(2, 2, 1) || !r->take(0, Type::kFloat32, &x) || !r->constant_ints(1, &axis))
    return false;
  if (axis.size() != 1 || x.shape.rank == kMaxRank)
    return r->reason.set("it must have one axis, and rank %d at most", kMaxRank - 1);
  if (!r->set_axis(axis[0], x.shape.rank + 1)) return false;
  Shape out;
  out.rank = x.shape.rank + 1;
  for (int32_t i = 0, from = 0; i < out.rank; i++)
    out.dim[i] = i == r->node.at.axis ? 1 : x.shape.dim[from++];
  return r->give(0, Type::kFloat32, out);
}

bool read_squeeze(NodeReader* r) {
  Value x;
  const auto* options = r->options<tfl::SqueezeOptions>();
  if (!options || !r->counts(1, 1, 1) || !r->take(0, Type::kFloat32, &x)) return false;
  const int32_t n = options->num_squeeze_dims;
  if (n < 0 || n > 8) return r->reason.set("it squeezes %d dimensions", n);
  bool dropped[kMaxRank] = {};
  for (int32_t i = 0; i < n; i++) {
    if (!r->set_axis(options->squeeze_dims[i], x.shape.rank)) return false;
    dropped[r->node.at.axis] = true;
  }
  r->node.at.axis = 0;
  Shape out;
  for (int32_t i = 0; i < x.shape.rank; i++) {
    if (dropped[i] && x.shape.dim[i] != 1)
      return r->reason.set("it squeezes a dimension of %d", x.shape.dim[i]);
    if (!dropped[i] && (n > 0 || x.shape.dim[i] != 1)) out.dim[out.rank++] = x.shape.dim[i];
  }
  return r->give(0, Type::kFloat32, out);
}

bool read_transpose(NodeReader* r) {
  Value x;
  Vec<int32_t> order;
  if (!r->counts(2, 2, 1) || !r->take(0, Type::kFloat32, &x) || !r->constant_ints(1, &order))
    return false;
  Shape out = x.shape;
  bool used[kMaxRank] = {};
  if (static_cast<int32_t>(order.size()) != out.rank)
    return r->reason.set("its permutation must have %d numbers; got %zu", out.rank, order.size());
  for (int32_t i = 0; i < out.rank; i++) {
    if (!r->set_axis(order[i], out.rank)) return false;
    const int32_t axis = r->node.at.axis;
    if (used[axis]) return r->reason.set("its permutation names axis %d twice", axis);
    used[axis] = true;
    out.dim[i] = x.shape.dim[axis];
    r->node.at.axes.push(axis);
  }
  r->node.at.axis = 0;
  return r->give(0, Type::kFloat32, out);
}

bool read_reverse(NodeReader* r) {
  Value x;
  return r->counts(2, 2, 1) && r->take(0, Type::kFloat32, &x) && read_axes(r, 1, x.shape.rank) &&
         r->give(0, Type::kFloat32, x.shape);
}

bool read_reduction(NodeReader* r) {
  Value x;
  const auto* options = r->options<tfl::ReducerOptions>();
  if (!options || !r->counts(2, 2, 1) || !r->take(0, Type::kFloat32, &x) ||
      !read_axes(r, 1, x.shape.rank))
    return false;
  r->node.at.keep_dims = options->keep_dims;
  Shape out;
  for (int32_t i = 0; i < x.shape.rank; i++) {
    const bool reduced = r->node.at.axes.contains(i);
    if (!reduced || options->keep_dims) out.dim[out.rank++] = reduced ? 1 : x.shape.dim[i];
  }
  return r->give(0, Type::kFloat32, out);
}

}  // namespace bvit
