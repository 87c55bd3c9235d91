// Little-endian 32-bit numbers; lists and bytes after their count. seeds.py writes the same.
#include "graph_case.h"

#include <stdio.h>
#include <string.h>

namespace fuzz {
namespace {

constexpr uint32_t kMagic = 0x315a4642;  // "BFZ1"
constexpr uint32_t kMostBytes = 1u << 28;

class Reader {
 public:
  explicit Reader(const std::vector<uint8_t>& bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  uint32_t number() {
    uint32_t value = 0;
    take(&value, sizeof(value));
    return value;
  }
  float real() {
    float value = 0;
    take(&value, sizeof(value));
    return value;
  }
  uint32_t count() {
    const uint32_t n = number();
    if (n > kMostBytes || n > bytes_.size() - at_) ok_ = false;
    return ok_ ? n : 0;
  }
  void numbers(std::vector<int32_t>* out) {
    out->resize(count());
    for (int32_t& value : *out) value = static_cast<int32_t>(number());
  }
  template <class Bytes>
  void bytes(Bytes* out) {
    out->resize(count());
    if (!out->empty()) take(&(*out)[0], out->size());
  }

 private:
  void take(void* to, size_t n) {
    if (!ok_ || n > bytes_.size() - at_) {
      ok_ = false;
      memset(to, 0, n);
      return;
    }
    memcpy(to, bytes_.data() + at_, n);
    at_ += n;
  }

  const std::vector<uint8_t>& bytes_;
  size_t at_ = 0;
  bool ok_ = true;
};

class Writer {
 public:
  explicit Writer(FILE* file) : file_(file) {}

  void number(uint32_t value) { fwrite(&value, sizeof(value), 1, file_); }
  void real(float value) { fwrite(&value, sizeof(value), 1, file_); }
  void numbers(const std::vector<int32_t>& values) {
    number(static_cast<uint32_t>(values.size()));
    for (int32_t value : values) number(static_cast<uint32_t>(value));
  }
  template <class Bytes>
  void bytes(const Bytes& values) {
    number(static_cast<uint32_t>(values.size()));
    if (!values.empty()) fwrite(values.data(), 1, values.size(), file_);
  }

 private:
  FILE* file_;
};

bool read_all(const char* path, std::vector<uint8_t>* out) {
  FILE* file = fopen(path, "rb");
  if (file == nullptr) return false;
  uint8_t part[65536];
  for (size_t n; (n = fread(part, 1, sizeof(part), file)) > 0;)
    out->insert(out->end(), part, part + n);
  fclose(file);
  return true;
}

void read_tensor(Reader* r, CaseTensor* t) {
  t->type = static_cast<int32_t>(r->number());
  const uint32_t flags = r->number();
  t->constant = flags & 1, t->variable = flags & 2, t->sparse = flags & 4, t->affine = flags & 8;
  t->scale = r->real();
  t->zero_point = static_cast<int32_t>(r->number());
  r->numbers(&t->dims);
  r->bytes(&t->data);
}

void read_node(Reader* r, CaseNode* n) {
  n->builtin_code = static_cast<int32_t>(r->number());
  r->bytes(&n->custom_name);
  r->numbers(&n->inputs);
  r->numbers(&n->outputs);
  r->bytes(&n->custom_options);
  n->has_builtin_options = r->number() != 0;
  r->bytes(&n->builtin_options);
  n->builtin_options.resize(kBuiltinRoom);
}

}  // namespace

bool read_case(const char* path, Case* out) {
  std::vector<uint8_t> bytes;
  if (!read_all(path, &bytes)) return false;
  Reader r(bytes);
  if (r.number() != kMagic) return false;
  out->tensors.resize(r.count());
  for (CaseTensor& t : out->tensors) read_tensor(&r, &t);
  out->nodes.resize(r.count());
  for (CaseNode& n : out->nodes) read_node(&r, &n);
  r.numbers(&out->inputs);
  r.numbers(&out->outputs);
  out->run_seed = r.number();
  out->run_seed |= static_cast<uint64_t>(r.number()) << 32;
  return r.ok();
}

bool write_case(const char* path, const Case& c) {
  FILE* file = fopen(path, "wb");
  if (file == nullptr) return false;
  Writer w(file);
  w.number(kMagic);
  w.number(static_cast<uint32_t>(c.tensors.size()));
  for (const CaseTensor& t : c.tensors) {
    w.number(static_cast<uint32_t>(t.type));
    w.number(t.constant | t.variable << 1 | t.sparse << 2 | t.affine << 3);
    w.real(t.scale);
    w.number(static_cast<uint32_t>(t.zero_point));
    w.numbers(t.dims);
    w.bytes(t.data);
  }
  w.number(static_cast<uint32_t>(c.nodes.size()));
  for (const CaseNode& n : c.nodes) {
    w.number(static_cast<uint32_t>(n.builtin_code));
    w.bytes(n.custom_name);
    w.numbers(n.inputs);
    w.numbers(n.outputs);
    w.bytes(n.custom_options);
    w.number(n.has_builtin_options);
    w.bytes(n.builtin_options);
  }
  w.numbers(c.inputs);
  w.numbers(c.outputs);
  w.number(static_cast<uint32_t>(c.run_seed));
  w.number(static_cast<uint32_t>(c.run_seed >> 32));
  return fclose(file) == 0;
}

}  // namespace fuzz
