// Finds binary attention among a graph's operators.
//
//   probabilities > threshold, as numbers, times the signs of v, where the probabilities are the
//   softmax of products of the signs of q and k
//
// Converters write it as one matrix product per image and head, or as batched ones, with all kinds of
// reshapes, transpositions, splits and packs between. What a product reads is recognised by where its
// numbers stand in the maps of (images, positions, heads, d), not by the operators that bring it there.
#include "compile/lowering.h"
#include "graph/types.h"

namespace bvit {
namespace {

// A value and the signs that it came from: magnitude where x >= threshold, else -magnitude.
struct Signs {
  int32_t x = -1;
  float magnitude = 0;
  Vec<float> threshold;
};

// left (rows, inner) times right (columns, inner), transposed.
struct Product {
  int32_t node, inner;
  View left, right;
};

constexpr int32_t kMostProducts = 1 << 12;

class Matcher {
 public:
  Matcher(const Lowering& l, AttentionMatch* m) : l_(l), g_(l.graph), m_(m) {}

  bool match(int32_t softmax) {
    const Node& node = g_.nodes[softmax];
    take(softmax);
    if (!probabilities(node) || !scores(node.in[0]) || !context() || !signs() || !closed()) return false;
    m_->scale *= node.at.beta;
    sort(&m_->nodes);
    return d_ % 32 == 0 && 2.0f * d_ * __builtin_fabsf(m_->scale) < 80 && m_->threshold > 0;
  }

 private:
  void take(int32_t node) {
    if (!m_->nodes.contains(node)) m_->nodes.push(node);
  }

  // The only node that reads a value; -1 where there is none or several.
  int32_t only_user(int32_t value) const {
    const Vec<int32_t>& users = l_.consumers(value);
    return users.size() == 1 && !g_.values[value].output ? users[0] : -1;
  }

  int32_t only_user(int32_t value, Op op) const {
    const int32_t user = only_user(value);
    return user >= 0 && g_.nodes[user].op == op ? user : -1;
  }

  int32_t made_by(int32_t value, Op op) const {
    const int32_t n = l_.producer(value);
    return n >= 0 && g_.nodes[n].op == op ? n : -1;
  }

  bool scalar(int32_t value, float* out) const {
    const float* data = l_.floats(value);
    if (!data || g_.values[value].shape.elements() != 1) return false;
    *out = data[0];
    return true;
  }

  // A value as numbers of what layout was made of; takes the operators between.
  View trace(int32_t value) {
    const View view = l_.view_of(value);
    for (int32_t v = value; v != view.source; v = g_.nodes[l_.producer(v)].in[0]) take(l_.producer(v));
    return view;
  }

  // softmax -> greater -> cast, to `bits_`.
  bool probabilities(const Node& softmax) {
    const int32_t greater = only_user(softmax.out[0], Op::kGreater);
    if (greater < 0 || g_.nodes[greater].in[0] != softmax.out[0]) return false;
    if (!scalar(g_.nodes[greater].in[1], &m_->threshold)) return false;
    const int32_t cast = only_user(g_.nodes[greater].out[0], Op::kCast);
    if (cast < 0 || g_.out(g_.nodes[cast]).type != Type::kFloat32) return false;
    take(greater), take(cast);
    bits_ = g_.nodes[cast].out[0];
    return true;
  }

  // The products that a node makes: one, or of a batch as many as there are.
  bool add_products(int32_t n, Vec<Product>* products) {
    const Node& node = g_.nodes[n];
    take(n);
    const View left = trace(node.in[0]), right = trace(node.in[1]);
    if (node.op == Op::kFullyConnected) {
      const bool has_bias = node.in.size() > 2 && node.in[2] >= 0;
      products->push({n, g_.in(node, 1).shape.channels(), left, right});
      return !has_bias && node.at.activation == kNone;
    }
    const Shape &a = g_.in(node, 0).shape, &b = g_.in(node, 1).shape;
    if (a.elements() == 0 || b.elements() == 0) return false;
    const int64_t count = a.elements() / (static_cast<int64_t>(a.dim[a.rank - 1]) * a.dim[a.rank - 2]);
    if (static_cast<int64_t>(products->size()) + count > kMostProducts) return false;
    for (int64_t p = 0; p < count; p++) {
      Product product = {n, a.dim[a.rank - (node.at.adj_x ? 2 : 1)], left, right};
      if (!matrix_of(a, p, count, node.at.adj_x, &product.left)) return false;
      if (!matrix_of(b, p, count, !node.at.adj_y, &product.right)) return false;
      products->push(product);
    }
    return true;
  }

  // Of a batch of matrices the one of number `p`, turned or not.
  static bool matrix_of(const Shape& shape, int64_t p, int64_t count, bool turn, View* view) {
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

  // The products in the softmax's order, and with them all sizes.
  bool scores(int32_t value) {
    View view = trace(value);
    const Shape& shape = g_.values[value].shape;
    const int32_t n = l_.producer(view.source);
    if (n < 0 || !view.is_plain() || view.base != 0) return false;
    if (shape.elements() == 0 || g_.values[view.source].shape.elements() != shape.elements()) return false;
    const Node& node = g_.nodes[n];
    const bool joins = node.op == Op::kPack || node.op == Op::kConcatenation;
    if (joins && (node.at.axis != 0 || node.in.size() > kMostProducts)) return false;
    if (joins) take(n);
    for (size_t i = 0; i < (joins ? node.in.size() : 1); i++) {
      const int32_t part = joins ? l_.producer(node.in[i]) : n;
      if (part < 0 || !is_product(part) || !add_products(part, &scores_)) return false;
    }
    keys_ = shape.channels();
    q_ = scores_[0].left.source, k_ = scores_[0].right.source;
    if (!set_sizes(shape.elements() / keys_, g_.values[q_].shape)) return false;
    for (size_t p = 0; p < scores_.size(); p++) {
      if (scores_[p].inner != d_ || !(scores_[p].left == head(q_, p, rows_, false))) return false;
      if (!(scores_[p].right == head(k_, p, keys_, false))) return false;
    }
    return true;
  }

  // From the rows of all scores, and the signs of q, whose rows are those of all images.
  bool set_sizes(int64_t rows, const Shape& signs) {
    const int64_t products = static_cast<int64_t>(scores_.size());
    rows_ = rows / products;
    channels_ = signs.channels();
    if (rows_ < 1 || rows_ > INT32_MAX || signs.rows() < rows_) return false;
    const int64_t images = signs.rows() / rows_, heads = products / images;
    if (images * rows_ != signs.rows() || heads < 1 || images * heads != products) return false;
    heads_ = static_cast<int32_t>(heads), m_->images = static_cast<int32_t>(images);
    d_ = channels_ / heads_;
    return d_ > 0 && d_ * heads_ == channels_;
  }

  bool is_product(int32_t n) const {
    return g_.nodes[n].op == Op::kFullyConnected || g_.nodes[n].op == Op::kBatchMatMul;
  }

  // Of signs (images, positions, heads, d) those of product `p`: one image and head.
  View head(int32_t signs, size_t p, int64_t positions, bool turned) const {
    const int64_t image = static_cast<int64_t>(p) / heads_, number = static_cast<int64_t>(p) % heads_;
    View view;
    view.source = signs;
    view.base = image * positions * channels_ + number * d_;
    if (turned) view.put(d_, 1);
    view.put(positions, channels_);
    if (!turned) view.put(d_, 1);
    return view;
  }

  // What reads the bits, over layout: products, one per image and head, in order.
  bool context() {
    Vec<int32_t> values, products;
    values.push(bits_);
    for (size_t i = 0; i < values.size() && values.size() <= 4 * kMostProducts; i++)
      for (int32_t user : l_.consumers(values[i])) {
        if (is_product(user)) {
          products.push(user);
        } else {
          if (!is_layout(g_.nodes[user].op)) return false;
          for (int32_t out : g_.nodes[user].out) values.push(out);
        }
      }
    Vec<Product> found;
    for (int32_t product : products)
      if (!add_products(product, &found)) return false;
    if (found.size() != scores_.size()) return false;
    v_ = found[0].right.source;
    const int64_t size = rows_ * keys_;
    Vec<int32_t> outputs(found.size(), -1);  // of each image and head
    for (const Product& product : found) {
      View bits(bits_, size);
      bits.base = product.left.base;
      const size_t p = static_cast<size_t>(bits.base / size);
      if (!(product.left == bits) || bits.base % size || p >= found.size() || outputs[p] >= 0) return false;
      if (product.inner != keys_ || !(product.right == head(v_, p, keys_, true))) return false;
      outputs[p] = g_.nodes[product.node].out[0];
    }
    return products.size() == 1 ? context_map(outputs[0], false) : join(outputs);
  }

  // Products that a pack or a concatenation brings together.
  bool join(const Vec<int32_t>& outputs) {
    const int32_t n = only_user(outputs[0]);
    if (n < 0 || (g_.nodes[n].op != Op::kPack && g_.nodes[n].op != Op::kConcatenation)) return false;
    const Node& node = g_.nodes[n];
    const Shape& part = g_.in(node, 0).shape;
    if (node.in.size() != outputs.size() || part.channels() != d_ || node.at.axis == part.rank) return false;
    for (size_t p = 0; p < outputs.size(); p++)
      if (node.in[p] != outputs[p]) return false;
    take(n);
    return context_map(node.out[0], node.at.axis + 1 == part.rank);
  }

  // From products one after the other, or `side_by_side`, to the map of (images, positions, channels).
  bool context_map(int32_t value, bool side_by_side) {
    View view;  // of the map that is looked for
    view.source = value;
    if (side_by_side) view.put(rows_, channels_);
    view.put(m_->images, rows_ * channels_);
    view.put(heads_, d_);
    if (!side_by_side) view.put(rows_, channels_);
    view.put(d_, 1);
    while (!view.is_plain() || g_.values[value].shape.channels() != channels_) {
      const int32_t user = only_user(value);
      if (user < 0 || !is_layout(g_.nodes[user].op) || g_.nodes[user].out.size() != 1) return false;
      if (!view_output(g_, g_.nodes[user], 0, &view)) return false;
      take(user);
      value = g_.nodes[user].out[0];
    }
    m_->out = value;
    return g_.values[value].shape.elements() == m_->images * rows_ * channels_;
  }

  // select(x >= threshold, a, -a)
  bool signs_of(int32_t value, Signs* out) {
    const int32_t n = made_by(value, Op::kSelectV2);
    if (n < 0) return false;
    const Node& select = g_.nodes[n];
    float a, b;
    if (!scalar(select.in[1], &a) || !scalar(select.in[2], &b) || a != -b || a == 0) return false;
    const int32_t compare = made_by(select.in[0], Op::kGreaterEqual);
    if (compare < 0) return false;
    const Node& at_least = g_.nodes[compare];
    take(n), take(compare);
    out->x = at_least.in[0];
    out->magnitude = a;
    return g_.values[out->x].type == Type::kFloat32 &&
           g_.values[out->x].shape.elements() == g_.values[value].shape.elements() &&
           g_.values[out->x].shape.channels() == channels_ &&
           l_.per_channel(at_least.in[1], channels_, &out->threshold);
  }

  bool signs() {
    Signs a, b, c;
    if (!signs_of(q_, &a) || !signs_of(k_, &b) || !signs_of(v_, &c)) return false;
    m_->q = a.x, m_->k = b.x, m_->v = c.x;
    m_->q_threshold = a.threshold, m_->k_threshold = b.threshold, m_->v_threshold = c.threshold;
    m_->scale = a.magnitude * b.magnitude;
    m_->magnitude = c.magnitude;
    m_->heads = heads_;
    const int64_t keys = m_->images * static_cast<int64_t>(keys_);
    return g_.values[m_->k].shape.rows() == keys && g_.values[m_->v].shape.rows() == keys;
  }

  // No value inside is read outside.
  bool closed() const {
    for (int32_t n : m_->nodes)
      for (int32_t v : g_.nodes[n].out) {
        if (v == m_->out) continue;
        if (g_.values[v].output) return false;
        for (int32_t user : l_.consumers(v))
          if (!m_->nodes.contains(user)) return false;
      }
    return true;
  }

  static void sort(Vec<int32_t>* v) {
    for (size_t i = 1; i < v->size(); i++)
      for (size_t j = i; j > 0 && (*v)[j] < (*v)[j - 1]; j--) {
        const int32_t swap = (*v)[j];
        (*v)[j] = (*v)[j - 1], (*v)[j - 1] = swap;
      }
  }

  const Lowering& l_;
  const Graph& g_;
  AttentionMatch* m_;
  Vec<Product> scores_;
  int32_t bits_ = -1, q_ = -1, k_ = -1, v_ = -1;
  int32_t heads_ = 0, d_ = 0, channels_ = 0;
  int64_t rows_ = 0, keys_ = 0;  // of an image
};

}  // namespace

void match_attention(const Lowering& l, Vec<AttentionMatch>* matches) {
  for (size_t n = 0; n < l.graph.nodes.size(); n++) {
    if (l.graph.nodes[n].op != Op::kSoftmax) continue;
    AttentionMatch match;
    if (Matcher(l, &match).match(static_cast<int32_t>(n))) matches->push(match);
  }
}

}  // namespace bvit
