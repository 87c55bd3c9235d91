#include "mutate.h"

#include <string.h>

#include "delegate/layout.h"
#include "delegate/tfl_abi.h"
#include "mutate_tensors.h"
#include "operators.h"

namespace fuzz {
namespace {

namespace tfl = bvit::tfl;

constexpr size_t kMostConstantBytes = 1 << 20;
constexpr size_t kMostNodes = 2000;

// --- nodes ---

int32_t any_tensor(Case* c, Random* random) {
  if (random->one_in(12)) return -1;
  if (random->one_in(200)) return interesting(random, static_cast<int32_t>(c->tensors.size()));
  return static_cast<int32_t>(random->below(c->tensors.size()));
}

void rewire(Case* c, Random* random) {
  CaseNode* n = random->any(&c->nodes);
  if (n == nullptr) return;
  std::vector<int32_t>* list = random->one_in(4) ? &n->outputs : &n->inputs;
  switch (random->below(6)) {
    case 0: list->push_back(any_tensor(c, random)); break;
    case 1: if (!list->empty()) list->pop_back(); break;
    default: if (!list->empty()) *random->any(list) = any_tensor(c, random); break;
  }
}

// Another tensor of the same kind, so that the graph still runs: inputs are repeated, maps shared.
void rewire_alike(Case* c, Random* random) {
  CaseNode* n = random->any(&c->nodes);
  int32_t* input = n == nullptr ? nullptr : random->any(&n->inputs);
  if (input == nullptr || *input < 0 || static_cast<size_t>(*input) >= c->tensors.size()) return;
  const CaseTensor& old = c->tensors[*input];
  std::vector<int32_t> alike;
  for (size_t t = 0; t < c->tensors.size(); t++)
    if (c->tensors[t].type == old.type && c->tensors[t].dims == old.dims)
      alike.push_back(static_cast<int32_t>(t));
  *input = random->pick(alike);
}

// A node of an operator that the delegate does not know, between a tensor and those that read it.
void insert_stranger(Case* c, Random* random) {
  if (c->nodes.empty() || c->nodes.size() > kMostNodes) return;
  const size_t place = random->below(c->nodes.size());
  const int32_t* from = random->any(&c->nodes[place].outputs);
  if (from == nullptr || *from < 0 || static_cast<size_t>(*from) >= c->tensors.size()) return;
  const int32_t to = static_cast<int32_t>(c->tensors.size());
  CaseNode stranger;
  stranger.builtin_code = kStrangeCode;
  stranger.inputs = {*from};
  stranger.outputs = {to};
  stranger.builtin_options.resize(kBuiltinRoom);
  c->tensors.push_back(CaseTensor(c->tensors[*from]));
  for (size_t n = place + 1; n < c->nodes.size(); n++)
    for (int32_t& in : c->nodes[n].inputs)
      if (in == stranger.inputs[0] && !random->one_in(3)) in = to;
  c->nodes.insert(c->nodes.begin() + place + 1, stranger);
}

void move_node(Case* c, Random* random) {
  if (c->nodes.empty()) return;
  const size_t a = random->below(c->nodes.size()), b = random->below(c->nodes.size());
  switch (random->below(3)) {
    case 0: c->nodes.erase(c->nodes.begin() + a); break;
    case 1: std::swap(c->nodes[a], c->nodes[b]); break;
    default: c->nodes.resize(1 + a); break;
  }
}

// A copy of a node that computes something new, from what another node reads, for some reader.
void splice_node(Case* c, Random* random) {
  if (c->nodes.empty() || c->nodes.size() > kMostNodes) return;
  const CaseNode copy = c->nodes[random->below(c->nodes.size())];
  const size_t place = random->below(c->nodes.size() + 1);
  CaseNode inserted = copy;
  for (int32_t& out : inserted.outputs) {
    if (out < 0 || static_cast<size_t>(out) >= c->tensors.size()) continue;
    const CaseTensor result = c->tensors[out];
    out = static_cast<int32_t>(c->tensors.size());
    c->tensors.push_back(result);
  }
  const CaseNode& near = c->nodes[place < c->nodes.size() ? place : place - 1];
  if (!inserted.inputs.empty() && !near.inputs.empty())
    inserted.inputs[0] = random->one_in(4) || near.outputs.empty() ? near.inputs[0]
                                                                   : near.outputs[0];
  c->nodes.insert(c->nodes.begin() + place, inserted);
  if (inserted.outputs.empty()) return;
  for (size_t n = place + 1; n < c->nodes.size(); n++)
    for (int32_t& in : c->nodes[n].inputs)
      if (!inserted.inputs.empty() && in == inserted.inputs[0] && random->one_in(2))
        in = inserted.outputs[0];
  if (random->one_in(4)) c->outputs.push_back(inserted.outputs[0]);
}

void change_operator(Case* c, Random* random) {
  CaseNode* n = random->any(&c->nodes);
  if (n == nullptr) return;
  if (n->builtin_code == tfl::kBuiltinCustom || random->one_in(10)) {
    n->builtin_code = tfl::kBuiltinCustom;
    n->custom_name = kCustomNames[random->below(kCustomNameCount)];
    return;
  }
  n->builtin_code = kBuiltinCodes[random->below(kBuiltinCodeCount)];
  n->custom_name.clear();
  n->has_builtin_options = !random->one_in(10);
}

void change_builtin_options(Case* c, Random* random) {
  CaseNode* n = random->any(&c->nodes);
  if (n == nullptr) return;
  for (int attempt = 0; attempt < 10 && !n->has_builtin_options; attempt++)
    n = random->any(&c->nodes);
  uint8_t* at = n->builtin_options.data() + 4 * random->below(10);
  int32_t number;
  memcpy(&number, at, 4);
  number = random->one_in(2) ? small_size(random, number) : interesting(random, number);
  memcpy(at, &number, 4);
}

void change_custom_options(Case* c, Random* random) {
  CaseNode* n = random->any(&c->nodes);
  for (int attempt = 0; attempt < 10 && n != nullptr && n->custom_options.empty(); attempt++)
    n = random->any(&c->nodes);
  if (n == nullptr || n->custom_options.empty()) return;
  std::vector<uint8_t>* bytes = &n->custom_options;
  const size_t at = random->below(bytes->size());
  switch (random->below(6)) {
    case 0: (*bytes)[at] ^= 1 << random->below(8); break;
    case 1: bytes->erase(bytes->begin() + at); break;
    case 2: bytes->insert(bytes->begin() + at, static_cast<uint8_t>(random->next())); break;
    case 3: bytes->resize(at); break;
    default: {
      static const uint8_t kBytes[] = {0, 1, 2, 3, 4, 32, 33, 64, 127, 128, 255};
      (*bytes)[at] = kBytes[random->below(11)];
    }
  }
}

void change_ends(Case* c, Random* random) {
  std::vector<int32_t>* list = random->one_in(2) ? &c->inputs : &c->outputs;
  if (random->one_in(3) && !list->empty()) {
    list->erase(list->begin() + random->below(list->size()));
  } else {
    list->push_back(static_cast<int32_t>(random->below(c->tensors.size())));
  }
}

// --- what runtimes guarantee ---

// A constant has the bytes that its shape needs. One of another size would not load, but for types
// whose elements have no size.
void mend_constant(CaseTensor* t, Random* random) {
  size_t bytes = bvit::element_bytes(t->type);
  bool fits = bytes > 0;
  for (int32_t dim : t->dims)
    fits = fits && dim >= 0 && !__builtin_mul_overflow(bytes, static_cast<size_t>(dim), &bytes);
  if (!fits || bytes > kMostConstantBytes) {
    if (!random->one_in(50)) t->constant = false;
    return;
  }
  const size_t old = t->data.size();
  if (bytes == old || random->one_in(300)) return;
  t->data.resize(bytes);
  for (size_t i = old; i < bytes; i++) t->data[i] = static_cast<uint8_t>(random->next());
  if (t->type != tfl::kFloat32) return;
  for (size_t i = old / 4; i < bytes / 4; i++) {  // no floats beyond all bounds
    const float value = static_cast<float>(static_cast<int32_t>(random->next())) * 0x1p-31f;
    memcpy(t->data.data() + 4 * i, &value, 4);
  }
}

void mend(Case* c, Random* random) {
  for (CaseTensor& t : c->tensors) {
    if (t.constant) mend_constant(&t, random);
    if (!t.constant) t.data.clear();
  }
  for (CaseNode& n : c->nodes) make_booleans(n.builtin_code, n.builtin_options.data());
}

}  // namespace

void mutate(Case* c, Random* random) {
  using Change = void (*)(Case*, Random*);
  static const Change kChanges[] = {
      change_dim,    change_dim,  change_dim,      change_rank,     swap_shapes,
      change_type,   change_flags, change_scale,   change_constant, change_constant,
      rewire,        rewire,      move_node,       splice_node,     splice_node,
      change_input_shape, change_input_shape, rewire_alike, rewire_alike, insert_stranger,
      change_operator, change_builtin_options, change_builtin_options, change_custom_options,
      change_custom_options, change_ends};
  if (c->tensors.empty()) return;
  for (uint32_t n = 1 + random->below(random->one_in(3) ? 8 : 2); n > 0; n--)
    kChanges[random->below(sizeof(kChanges) / sizeof(*kChanges))](c, random);
  mend(c, random);
  c->run_seed = random->next();
}

}  // namespace fuzz
