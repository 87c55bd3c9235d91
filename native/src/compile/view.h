// A value as the numbers of another one in another order: what reshapes, transpositions, slices and
// broadcasts make, one after the other.
#pragma once

#include "graph/graph.h"

namespace bvit {

// Part of a position in row-major order, and how far apart in the source its numbers lie.
struct Digit {
  int64_t size, stride;
  bool operator==(const Digit& o) const { return size == o.size && stride == o.stride; }
};

// A number's position among the value's, written in digits, says where it lies in the source: at
// `base` and so many strides behind. Shapes are not kept: they divide the digits.
struct View {
  int32_t source = -1;      // a value of a graph
  int64_t base = 0;
  Vec<Digit> digits;        // slowest first; none of size 1

  View() = default;
  View(int32_t source, int64_t elements) : source(source) { put(elements, 1); }

  // Adds the fastest digit; one with the digit before it where both together are one.
  void put(int64_t size, int64_t stride);
  bool operator==(const View& other) const;
  // Whether these are all of the source's numbers, or some that follow each other, in order.
  bool is_plain() const { return digits.empty() || (digits.size() == 1 && digits[0].stride == 1); }

  // What a value of this shape becomes by a node; false where its digits can't be divided so.
  bool transpose(const Shape& shape, const Vec<int32_t>& order);
  bool slice(const Shape& shape, int32_t axis, int64_t begin, int64_t count, int64_t step);
  bool broadcast(const Shape& shape, const Shape& to);
  // Where the numbers of each row, and in all rows those of each channel, lie: `rows` x `channels`.
  bool positions(int64_t rows, int64_t channels, Vec<int64_t>* row, Vec<int64_t>* channel) const;

 private:
  bool divide(const Shape& shape, Vec<Digit> (&dims)[kMaxRank]) const;
};

// Output `i` of a node that does nothing but that (`is_layout`), whose input's view is given.
bool view_output(const Graph& graph, const Node& node, size_t i, View* view);

// Of every value that such nodes make, what it is of a value that none of them made, or where that
// can't be said, of its node's input. Others, and empty ones, have no source.
Vec<View> find_views(const Graph& graph);

}  // namespace bvit
