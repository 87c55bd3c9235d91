#include "compile/describe.h"

namespace bvit {
namespace {

const char* const kOpNames[] = {"unit", "product", "float product", "context", "load", "zero", "add", "subtract",
                                "multiply", "maximum", "minimum", "add scaled", "taps", "line", "max taps", "scale add", "affine", "scale", "shift",
                                "prelu", "clamp", "function", "store", "sign", "group add"};
static_assert(sizeof(kOpNames) / sizeof(kOpNames[0]) == static_cast<size_t>(OpKind::kGroupAdd) + 1, "a name each");
const char* const kChainNames[] = {"tiles", "patches", "permute", "gather", "group mean", "scores"};

// Appends to a line as far as there is room.
void put(char* line, size_t n, const char* format, ...) {
  const size_t length = strlen(line);
  va_list args;
  va_start(args, format);
  vsnprintf(line + length, n - length, format, args);
  va_end(args);
}

}  // namespace

bool has_product(const Chain& chain) {
  return chain.op_count > 0 && (chain.ops[0].kind == OpKind::kUnit || chain.ops[0].kind == OpKind::kBinaryProduct);
}

const char* category(const Chain& chain) {
  if (chain.kind == ChainKind::kScores) return "attention";
  if (chain.op_count == 0) return "fusion";
  switch (chain.ops[0].kind) {
    case OpKind::kContext: return "attention";
    case OpKind::kFloatProduct: return "float product";
    default: return "fusion";
  }
}

void describe(const Plan& plan, int32_t number, int32_t which, char* text, size_t n) {
  const PlannedRegion& region = plan.regions[number];
  snprintf(text, n, "%d rows:", region.rows);
  if (region.whole.op) return put(text, n, " an operator of its own");
  const Chain& chain = region.chains[which];
  if (chain.kind != ChainKind::kTile) put(text, n, " %s", kChainNames[static_cast<int>(chain.kind)]);
  for (int k = 0; k < chain.op_count; k++) {
    const TileOp& op = chain.ops[k];
    put(text, n, "%s %s", k ? "," : "", kOpNames[static_cast<int>(op.kind)]);
    if (op.kind <= OpKind::kContext) put(text, n, " k=%d n=%d", op.k, 32 * chain.blocks);
    if (op.count) put(text, n, " of %d", op.count);
  }
}

void print_plan(const Plan& plan, bool chains, void (*print)(const char* line)) {
  char line[512];
  for (size_t r = 0; r < plan.regions.size(); r++) {
    const PlannedRegion& region = plan.regions[r];
    snprintf(line, sizeof(line), "larq_bvit: region %zu: %d rows, strips of %d, %zu chains, %zu bytes of constants, %lld of scratch",
             r, region.rows, region.strip_tiles * kRows, region.chains.size(), region.constant_bytes, static_cast<long long>(region.scratch_bytes));
    print(line);
    for (size_t i = 0; chains && i < region.chains.size(); i++) {
      char text[400];
      describe(plan, static_cast<int32_t>(r), static_cast<int32_t>(i), text, sizeof(text));
      snprintf(line, sizeof(line), "larq_bvit:   chain %zu, %s", i, text);
      print(line);
    }
  }
}

}  // namespace bvit
