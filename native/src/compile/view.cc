#include "compile/view.h"

#include "base/math.h"
#include "graph/types.h"

namespace bvit {
namespace {

// All positions of some digits, in order.
Vec<int64_t> enumerate(const Vec<Digit>& digits) {
  Vec<int64_t> positions(1, 0);
  for (const Digit& digit : digits) {
    Vec<int64_t> finer(positions.size() * static_cast<size_t>(digit.size), 0);
    int64_t* to = finer.begin();
    for (int64_t position : positions)
      for (int64_t i = 0; i < digit.size; i++) *to++ = position + i * digit.stride;
    positions.swap(finer);
  }
  return positions;
}

}  // namespace

void View::put(int64_t size, int64_t stride) {
  if (size == 1) return;
  if (!digits.empty() && digits.back().stride == size * stride) {
    digits.back() = {digits.back().size * size, stride};
  } else {
    digits.push({size, stride});
  }
}

bool View::operator==(const View& other) const {
  if (source != other.source || base != other.base || digits.size() != other.digits.size()) return false;
  for (size_t i = 0; i < digits.size(); i++)
    if (!(digits[i] == other.digits[i])) return false;
  return true;
}

// The digits of each dimension, slowest first.
bool View::divide(const Shape& shape, Vec<Digit> (&dims)[kMaxRank]) const {
  Vec<Digit> left = digits;
  for (int32_t i = shape.rank; i-- > 0;) {
    Vec<Digit> fastest_first;
    for (int64_t size = shape.dim[i]; size > 1;) {
      if (left.empty()) return false;
      Digit& digit = left.back();
      if (digit.size <= size) {
        if (size % digit.size) return false;
        size /= digit.size;
        fastest_first.push(digit);
        left.pop();
      } else {
        if (digit.size % size) return false;
        fastest_first.push({size, digit.stride});
        digit = {digit.size / size, digit.stride * size};
        size = 1;
      }
    }
    dims[i].clear();
    while (!fastest_first.empty()) {
      dims[i].push(fastest_first.back());
      fastest_first.pop();
    }
  }
  return left.empty();
}

bool View::transpose(const Shape& shape, const Vec<int32_t>& order) {
  Vec<Digit> dims[kMaxRank];
  if (!divide(shape, dims)) return false;
  digits.clear();
  for (int32_t axis : order)
    for (const Digit& digit : dims[axis]) put(digit.size, digit.stride);
  return true;
}

bool View::slice(const Shape& shape, int32_t axis, int64_t begin, int64_t count, int64_t step) {
  if (begin == 0 && step == 1 && count == shape.dim[axis]) return true;
  Vec<Digit> dims[kMaxRank], whole;
  if (!divide(shape, dims)) return false;
  Vec<Digit>& cut = dims[axis];
  while (step == 1 && !cut.empty() && begin % cut.back().size == 0 && count % cut.back().size == 0) {
    begin /= cut.back().size, count /= cut.back().size;  // the fastest digit stays whole
    whole.push(cut.back());
    cut.pop();
  }
  if (count == 1) {
    for (size_t k = cut.size(); k-- > 0; begin /= cut[k].size) base += begin % cut[k].size * cut[k].stride;
    cut.clear();
  } else {
    if (cut.size() != 1) return false;
    base += begin * cut[0].stride;
    cut[0] = {count, cut[0].stride * step};
  }
  while (!whole.empty()) {
    cut.push(whole.back());
    whole.pop();
  }
  digits.clear();
  for (int32_t i = 0; i < shape.rank; i++)
    for (const Digit& digit : dims[i]) put(digit.size, digit.stride);
  return true;
}

bool View::broadcast(const Shape& shape, const Shape& to) {
  Vec<Digit> dims[kMaxRank];
  if (shape.rank > to.rank || !divide(shape, dims)) return false;
  digits.clear();
  for (int32_t i = 0; i < to.rank; i++) {
    const int32_t from = i - (to.rank - shape.rank);
    if (from >= 0 && shape.dim[from] == to.dim[i]) {
      for (const Digit& digit : dims[from]) put(digit.size, digit.stride);
    } else {
      if (from >= 0 && shape.dim[from] != 1) return false;
      put(to.dim[i], 0);
    }
  }
  return true;
}

bool View::positions(int64_t rows, int64_t channels, Vec<int64_t>* row, Vec<int64_t>* channel) const {
  Shape matrix;
  matrix.rank = 2;
  matrix.dim[0] = static_cast<int32_t>(rows), matrix.dim[1] = static_cast<int32_t>(channels);
  Vec<Digit> dims[kMaxRank];
  if (!divide(matrix, dims)) return false;
  *row = enumerate(dims[0]);
  *channel = enumerate(dims[1]);
  int64_t first = 0;  // of the channels, which are counted from the least one
  for (int64_t position : *channel) first = min(first, position);
  for (int64_t& position : *channel) position -= first;
  for (int64_t& position : *row) position += base + first;
  return true;
}

bool view_output(const Graph& graph, const Node& node, size_t i, View* view) {
  const Attributes& at = node.at;
  Shape shape = graph.in(node, 0).shape;
  switch (node.op) {
    case Op::kTranspose: return view->transpose(shape, at.axes);
    case Op::kSplit:
    case Op::kUnpack: {
      const int64_t part = shape.dim[at.axis] / static_cast<int32_t>(node.out.size());
      return view->slice(shape, at.axis, static_cast<int64_t>(i) * part, part, 1);
    }
    case Op::kSlice:
    case Op::kStridedSlice:
      for (int32_t axis = 0; axis < shape.rank; axis++) {
        if (!view->slice(shape, axis, at.begin[axis], at.count[axis], at.step[axis])) return false;
        shape.dim[axis] = at.count[axis];
      }
      return true;
    default: return is_layout(node.op);
  }
}

Vec<View> find_views(const Graph& graph) {
  Vec<View> views(graph.values.size());
  for (const Node& node : graph.nodes) {
    if (!is_layout(node.op)) continue;
    const int32_t in = node.in[0];
    const int64_t elements = graph.values[in].shape.elements();
    const View before = views[in].source >= 0 ? views[in] : View(in, elements);
    for (size_t i = 0; i < node.out.size(); i++) {
      const int32_t out = node.out[i];
      if (elements == 0 || graph.values[out].shape.elements() == 0) continue;
      View view = before, of_input(in, elements);
      if (view_output(graph, node, i, &view)) {
        views[out] = view;
      } else if (view_output(graph, node, i, &of_input)) {
        views[out] = of_input;
      }
    }
  }
  return views;
}

}  // namespace bvit
