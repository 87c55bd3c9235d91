#include "compile/attention_products.h"

namespace bvit {
namespace {

// Of a batch of matrices the one of number `p`, turned or not.
bool matrix_of(const Shape& shape, int64_t p, int64_t count, bool turn, View* view) {
  Shape batch;
  batch.rank = 3;
  batch.dim[0] = static_cast<int32_t>(count);
  batch.dim[1] = shape.dim[shape.rank - 2], batch.dim[2] = shape.dim[shape.rank - 1];
  if (batch.elements() != shape.elements() || !view->slice(batch, 0, p, 1, 1)) return false;
  batch.dim[0] = 1;
  Vec<int32_t> order;
  order.push(0), order.push(2), order.push(1);
  return !turn || view->transpose(batch, order);
}

}  // namespace

bool is_product(Op op) { return op == Op::kFullyConnected || op == Op::kBatchMatMul; }

bool read_products(const Graph& graph, int32_t number, const View& left, const View& right, int64_t* room,
                   Vec<Product>* products) {
  const Node& node = graph.nodes[number];
  if (node.op == Op::kFullyConnected) {
    const bool has_bias = node.in.size() > 2 && node.in[2] >= 0;
    products->push({number, graph.in(node, 1).shape.channels(), left, right});
    return --*room >= 0 && !has_bias && node.at.activation == kNone;
  }
  const Shape &a = graph.in(node, 0).shape, &b = graph.in(node, 1).shape;
  if (a.elements() == 0 || b.elements() == 0) return false;
  const int64_t count = a.elements() / (static_cast<int64_t>(a.dim[a.rank - 1]) * a.dim[a.rank - 2]);
  if (static_cast<int64_t>(products->size()) + count > kMostProducts || count > *room) return false;
  *room -= count;
  for (int64_t p = 0; p < count; p++) {
    Product product = {number, a.dim[a.rank - (node.at.adj_x ? 2 : 1)], left, right};
    if (!matrix_of(a, p, count, node.at.adj_x, &product.left)) return false;
    if (!matrix_of(b, p, count, !node.at.adj_y, &product.right)) return false;
    products->push(product);
  }
  return true;
}

bool AttentionSizes::read(int64_t products, int64_t all_rows, int64_t key_count, const Shape& q) {
  rows = all_rows / products;
  keys = key_count;
  channels = q.channels();
  if (rows < 1 || rows > INT32_MAX || q.rows() < rows) return false;
  const int64_t image_count = q.rows() / rows, head_count = products / image_count;
  if (image_count * rows != q.rows() || head_count < 1 || image_count * head_count != products) return false;
  heads = static_cast<int32_t>(head_count), images = static_cast<int32_t>(image_count);
  d = channels / heads;
  return d > 0 && d * heads == channels;
}

View AttentionSizes::head(int32_t signs, size_t p, int64_t positions, bool turned) const {
  const int64_t image = static_cast<int64_t>(p) / heads, number = static_cast<int64_t>(p) % heads;
  View view;
  view.source = signs;
  view.base = image * positions * channels + number * d;
  if (turned) view.put(d, 1);
  view.put(positions, channels);
  if (!turned) view.put(d, 1);
  return view;
}

}  // namespace bvit
