// Finds binary attention among a graph's operators.
//
//   probabilities > threshold, as numbers, times the signs of v, where the probabilities are the
//   softmax of products of the signs of q and k
//
// Converters write it as one matrix product per image and head, or as batched ones, with all kinds of
// reshapes, transpositions, splits and packs between. What a product reads is recognised by where its
// numbers stand in the maps of (images, positions, heads, d), not by the operators that bring it there.
#include "compile/attention_products.h"
#include "compile/lowering.h"
#include "compile/sort.h"
#include "graph/types.h"

namespace bvit {
namespace {

// A value and the signs that it came from: magnitude where x >= threshold, else -magnitude.
struct Signs {
  int32_t x = -1;
  float magnitude = 0;
  Vec<float> threshold;
};

// What all matches of a graph share: each node is looked at once, and no more products than models have.
struct Shared {
  Vec<int32_t> taken_by;   // of each node, the softmax of the match that came to it; -1: none
  int64_t room = 1 << 18;
};

class Matcher {
 public:
  Matcher(const Lowering& l, Shared* shared, int32_t softmax, AttentionMatch* m)
      : l_(l), g_(l.graph), shared_(*shared), softmax_(softmax), m_(m) {}

  bool match() {
    const Node& node = g_.nodes[softmax_];
    if (!take(softmax_) || !probabilities(node)) return false;
    if (!scores(node.in[0]) || !context() || !signs() || !closed()) return false;
    m_->heads = sizes_.heads, m_->images = sizes_.images;
    m_->scale *= node.at.beta;
    stable_sort(&m_->nodes, [](int32_t a, int32_t b) { return a < b; });
    return sizes_.d % 32 == 0 && 2.0f * sizes_.d * __builtin_fabsf(m_->scale) < 80 && m_->threshold > 0;
  }

 private:
  // False where another match came to the node first. What is inside of an attention is read by nothing
  // outside, so that the node can't be in two: this match would have failed in the end.
  bool take(int32_t node) {
    int32_t& by = shared_.taken_by[node];
    if (by < 0) {
      by = softmax_;
      m_->nodes.push(node);
    }
    return by == softmax_;
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
  bool trace(int32_t value, View* view) {
    *view = l_.view_of(value);
    for (int32_t v = value; v != view->source; v = g_.nodes[l_.producer(v)].in[0])
      if (!take(l_.producer(v))) return false;
    return true;
  }

  // softmax -> greater -> cast, to `bits_`.
  bool probabilities(const Node& softmax) {
    const int32_t greater = only_user(softmax.out[0], Op::kGreater);
    if (greater < 0 || g_.nodes[greater].in[0] != softmax.out[0]) return false;
    if (!scalar(g_.nodes[greater].in[1], &m_->threshold)) return false;
    const int32_t cast = only_user(g_.nodes[greater].out[0], Op::kCast);
    if (cast < 0 || g_.out(g_.nodes[cast]).type != Type::kFloat32) return false;
    bits_ = g_.nodes[cast].out[0];
    return take(greater) && take(cast);
  }

  bool add_products(int32_t n, Vec<Product>* products) {
    View left, right;
    if (!take(n) || !trace(g_.nodes[n].in[0], &left) || !trace(g_.nodes[n].in[1], &right)) return false;
    return read_products(g_, n, left, right, &shared_.room, products);
  }

  // The products in the softmax's order, and with them all sizes.
  bool scores(int32_t value) {
    View view;
    if (!trace(value, &view)) return false;
    const Shape& shape = g_.values[value].shape;
    const int32_t n = l_.producer(view.source);
    if (n < 0 || !view.is_plain() || view.base != 0) return false;
    if (shape.elements() == 0 || g_.values[view.source].shape.elements() != shape.elements()) return false;
    const Node& node = g_.nodes[n];
    const bool joins = node.op == Op::kPack || node.op == Op::kConcatenation;
    if (joins && (node.at.axis != 0 || node.in.size() > kMostProducts || !take(n))) return false;
    for (size_t i = 0; i < (joins ? node.in.size() : 1); i++) {
      const int32_t part = joins ? l_.producer(node.in[i]) : n;
      if (part < 0 || !is_product(g_.nodes[part].op) || !add_products(part, &scores_)) return false;
    }
    const int64_t keys = shape.channels();
    q_ = scores_[0].left.source, k_ = scores_[0].right.source;
    const int64_t count = static_cast<int64_t>(scores_.size());
    if (!sizes_.read(count, shape.elements() / keys, keys, g_.values[q_].shape)) return false;
    for (size_t p = 0; p < scores_.size(); p++) {
      if (scores_[p].inner != sizes_.d || !(scores_[p].left == sizes_.head(q_, p, sizes_.rows, false))) return false;
      if (!(scores_[p].right == sizes_.head(k_, p, keys, false))) return false;
    }
    return true;
  }

  // What reads the bits, over layout: products, one per image and head, in order.
  bool context() {
    Vec<int32_t> values, products;
    values.push(bits_);
    for (size_t i = 0; i < values.size() && values.size() <= 4 * kMostProducts; i++)
      for (int32_t user : l_.consumers(values[i])) {
        if (is_product(g_.nodes[user].op)) {
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
    const int64_t size = sizes_.rows * sizes_.keys;
    Vec<int32_t> outputs(found.size(), -1);  // of each image and head
    for (const Product& product : found) {
      View bits(bits_, size);
      bits.base = product.left.base;
      const size_t p = static_cast<size_t>(bits.base / size);
      if (!(product.left == bits) || bits.base % size || p >= found.size() || outputs[p] >= 0) return false;
      if (product.inner != sizes_.keys || !(product.right == sizes_.head(v_, p, sizes_.keys, true))) return false;
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
    if (node.in.size() != outputs.size() || part.channels() != sizes_.d || node.at.axis == part.rank) return false;
    for (size_t p = 0; p < outputs.size(); p++)
      if (node.in[p] != outputs[p]) return false;
    return take(n) && context_map(node.out[0], node.at.axis + 1 == part.rank);
  }

  // From products one after the other, or `side_by_side`, to the map of (images, positions, channels).
  bool context_map(int32_t value, bool side_by_side) {
    const int64_t rows = sizes_.rows, channels = sizes_.channels;
    View view;  // of the map that is looked for
    view.source = value;
    if (side_by_side) view.put(rows, channels);
    view.put(sizes_.images, rows * channels);
    view.put(sizes_.heads, sizes_.d);
    if (!side_by_side) view.put(rows, channels);
    view.put(sizes_.d, 1);
    while (!view.is_plain() || g_.values[value].shape.channels() != channels) {
      const int32_t user = only_user(value);
      if (user < 0 || !is_layout(g_.nodes[user].op) || g_.nodes[user].out.size() != 1) return false;
      if (!take(user) || !view_output(g_, g_.nodes[user], 0, &view)) return false;
      value = g_.nodes[user].out[0];
    }
    m_->out = value;
    return g_.values[value].shape.elements() == sizes_.images * rows * channels;
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
    out->x = at_least.in[0];
    out->magnitude = a;
    return take(n) && take(compare) && g_.values[out->x].type == Type::kFloat32 &&
           g_.values[out->x].shape.elements() == g_.values[value].shape.elements() &&
           g_.values[out->x].shape.channels() == sizes_.channels &&
           l_.per_channel(at_least.in[1], sizes_.channels, &out->threshold);
  }

  bool signs() {
    Signs a, b, c;
    if (!signs_of(q_, &a) || !signs_of(k_, &b) || !signs_of(v_, &c)) return false;
    m_->q = a.x, m_->k = b.x, m_->v = c.x;
    m_->q_threshold = a.threshold, m_->k_threshold = b.threshold, m_->v_threshold = c.threshold;
    m_->scale = a.magnitude * b.magnitude;
    m_->magnitude = c.magnitude;
    const int64_t keys = sizes_.images * sizes_.keys;
    return g_.values[m_->k].shape.rows() == keys && g_.values[m_->v].shape.rows() == keys;
  }

  // No value inside is read outside.
  bool closed() const {
    for (int32_t n : m_->nodes)
      for (int32_t v : g_.nodes[n].out) {
        if (v == m_->out) continue;
        if (g_.values[v].output) return false;
        for (int32_t user : l_.consumers(v))
          if (shared_.taken_by[user] != softmax_) return false;
      }
    return true;
  }

  const Lowering& l_;
  const Graph& g_;
  Shared& shared_;
  const int32_t softmax_;
  AttentionMatch* m_;
  Vec<Product> scores_;
  AttentionSizes sizes_;
  int32_t bits_ = -1, q_ = -1, k_ = -1, v_ = -1;
};

}  // namespace

void match_attention(const Lowering& l, Vec<AttentionMatch>* matches) {
  Shared shared;
  shared.taken_by.resize(l.graph.nodes.size(), -1);
  for (size_t n = 0; n < l.graph.nodes.size(); n++) {
    if (l.graph.nodes[n].op != Op::kSoftmax) continue;
    AttentionMatch match;
    if (Matcher(l, &shared, static_cast<int32_t>(n), &match).match()) matches->push(match);
  }
}

}  // namespace bvit
