// Finds binary attention among a graph's operators.
//
//   probabilities > threshold, as numbers, times the signs of v, where the probabilities are the
//   softmax of products of the signs of q and k
//
// in the two ways in which converters write it: head by head as ordinary matrix products (batch 1),
// or as batched products of (B, heads, N, d) maps.
#include "compile/lowering.h"

namespace bvit {
namespace {

// A value and the signs that it came from: magnitude where x >= threshold, else -magnitude.
struct Signs {
  int32_t x = -1;
  float magnitude = 0;
  Vec<float> threshold;
};

class Matcher {
 public:
  Matcher(const Lowering& l, AttentionMatch* m) : l_(l), g_(l.graph), m_(m) {}

  bool match(int32_t softmax) {
    const Node& node = g_.nodes[softmax];
    take(softmax);
    if (!probabilities(node)) return false;
    const int32_t before = l_.producer(node.in[0]);
    if (before < 0) return false;
    const bool ok = g_.nodes[before].op == Op::kBatchMatMul ? batched(before) : by_heads(node.in[0]);
    if (!ok || !closed()) return false;
    m_->scale *= node.at.beta;
    sort_nodes();
    const int32_t channels = static_cast<int32_t>(m_->q_threshold.size());
    const int32_t d = channels / m_->heads;
    return d > 0 && d % 32 == 0 && 2.0f * d * __builtin_fabsf(m_->scale) < 80 && m_->threshold > 0;
  }

 private:
  void take(int32_t node) {
    if (!m_->nodes.contains(node)) m_->nodes.push(node);
  }

  // The only node that reads a value, of this kind; -1 where there is none or several.
  int32_t only_user(int32_t value, Op op) const {
    const Vec<int32_t>& users = l_.consumers(value);
    if (users.size() != 1 || g_.nodes[users[0]].op != op || g_.values[value].output) return -1;
    return users[0];
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

  // Back over reshapes to select(x >= threshold, a, -a).
  bool signs(int32_t value, Signs* out) {
    int32_t n = l_.producer(value);
    while (n >= 0 && g_.nodes[n].op == Op::kReshape) {
      take(n);
      n = l_.producer(g_.nodes[n].in[0]);
    }
    if (n < 0 || g_.nodes[n].op != Op::kSelectV2) return false;
    const Node& select = g_.nodes[n];
    float a, b;
    if (!scalar(select.in[1], &a) || !scalar(select.in[2], &b) || a != -b || a == 0) return false;
    const int32_t compare = made_by(select.in[0], Op::kGreaterEqual);
    if (compare < 0) return false;
    const Node& at_least = g_.nodes[compare];
    take(n), take(compare);
    out->x = at_least.in[0];
    out->magnitude = a;
    const int32_t channels = g_.values[out->x].shape.channels();
    return g_.values[out->x].type == Type::kFloat32 &&
           l_.per_channel(at_least.in[1], channels, &out->threshold);
  }

  // The value itself for one head, or what a split along `axis` made `heads` parts of, in order.
  bool whole_of(const Vec<int32_t>& parts, int32_t axis, int32_t* value) {
    if (parts.size() == 1) {
      *value = parts[0];
      return true;
    }
    const int32_t split = made_by(parts[0], Op::kSplit);
    if (split < 0 || g_.nodes[split].at.axis != axis) return false;
    const Node& node = g_.nodes[split];
    if (node.out.size() != parts.size()) return false;
    for (size_t i = 0; i < parts.size(); i++)
      if (node.out[i] != parts[i]) return false;
    take(split);
    *value = node.in[0];
    return true;
  }

  // Products of heads that a concatenation along `axis` joins; one product needs none.
  bool products_of(int32_t value, int32_t axis, Vec<int32_t>* left, Vec<int32_t>* right) {
    Vec<int32_t> outputs;
    const int32_t concat = made_by(value, Op::kConcatenation);
    if (concat >= 0) {
      if (g_.nodes[concat].at.axis != axis || g_.nodes[concat].at.activation != kNone) return false;
      take(concat);
      outputs = g_.nodes[concat].in;
    } else {
      outputs.push(value);
    }
    for (int32_t output : outputs) {
      const int32_t product = made_by(output, Op::kFullyConnected);
      if (product < 0 || g_.nodes[product].at.activation != kNone) return false;
      if (g_.nodes[product].in.size() > 2 && g_.nodes[product].in[2] >= 0) return false;
      take(product);
      left->push(g_.nodes[product].in[0]);
      right->push(g_.nodes[product].in[1]);
    }
    return true;
  }

  // Where the context ends: from the first product that reads `bits_`, over a concatenation.
  bool context_value(int32_t* value) const {
    int32_t bits = bits_;
    const int32_t split = only_user(bits, Op::kSplit);
    if (split >= 0) bits = g_.nodes[split].out[0];
    const int32_t product = only_user(bits, Op::kFullyConnected);
    if (product < 0) return false;
    *value = g_.nodes[product].out[0];
    if (split < 0) return true;
    const int32_t concat = only_user(*value, Op::kConcatenation);
    if (concat < 0) return false;
    *value = g_.nodes[concat].out[0];
    return true;
  }

  // The node that turns (keys, channels); for a single key it may be a reshape.
  int32_t turning(int32_t value) const {
    const int32_t reshape = made_by(value, Op::kReshape);
    if (reshape >= 0) {
      const Shape& shape = g_.in(g_.nodes[reshape], 0).shape;
      return shape.rows() == 1 && g_.values[value].shape.rank == 2 &&
             g_.values[value].shape.dim[1] == 1 ? reshape : -1;
    }
    const int32_t turned = made_by(value, Op::kTranspose);
    if (turned < 0) return -1;
    const Vec<int32_t>& axes = g_.nodes[turned].at.axes;
    return axes.size() == 2 && axes[0] == 1 ? turned : -1;
  }

  bool by_heads(int32_t scores) {
    Vec<int32_t> q_parts, k_parts, bit_parts, v_parts;
    int32_t q, k, v, bits;
    if (!products_of(scores, 0, &q_parts, &k_parts)) return false;
    if (!whole_of(q_parts, 1, &q) || !whole_of(k_parts, 1, &k)) return false;
    if (!context_value(&m_->out) || !products_of(m_->out, 1, &bit_parts, &v_parts)) return false;
    if (bit_parts.size() != q_parts.size()) return false;
    if (!whole_of(bit_parts, 0, &bits) || bits != bits_ || !whole_of(v_parts, 0, &v)) return false;
    const int32_t turned = turning(v);
    if (turned < 0) return false;
    take(turned);
    m_->heads = static_cast<int32_t>(q_parts.size());
    return use(q, k, g_.nodes[turned].in[0]);
  }

  bool use(int32_t q, int32_t k, int32_t v) {
    Signs a, b, c;
    if (!signs(q, &a) || !signs(k, &b) || !signs(v, &c)) return false;
    m_->q = a.x, m_->k = b.x, m_->v = c.x;
    m_->q_threshold = a.threshold, m_->k_threshold = b.threshold, m_->v_threshold = c.threshold;
    m_->scale = a.magnitude * b.magnitude;
    m_->magnitude = c.magnitude;
    const Shape &sq = g_.values[m_->q].shape, &sk = g_.values[m_->k].shape, &sv = g_.values[m_->v].shape;
    const bool one_image = sq.rank == 4 ? sq.dim[0] == 1 : true;
    return one_image && sq.channels() == sk.channels() && sk == sv && sq.channels() % m_->heads == 0 &&
           g_.values[m_->out].shape.elements() == sq.elements();
  }

  bool batched(int32_t) { return false; }

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

  void sort_nodes() {
    Vec<int32_t>& v = m_->nodes;
    for (size_t i = 1; i < v.size(); i++)
      for (size_t j = i; j > 0 && v[j] < v[j - 1]; j--) {
        const int32_t swap = v[j];
        v[j] = v[j - 1], v[j - 1] = swap;
      }
  }

  const Lowering& l_;
  const Graph& g_;
  AttentionMatch* m_;
  int32_t bits_ = -1;
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
