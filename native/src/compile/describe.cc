#include "compile/describe.h"

namespace bvit {
namespace {

const char* const kOpNames[] = {"unit", "product", "float product", "context", "load", "zero", "add", "subtract",
                                "multiply", "add scaled", "taps", "line", "max taps", "affine", "scale", "shift",
                                "prelu", "clamp", "store", "sign", "group add"};
const char* const kChainNames[] = {"tiles", "patches", "permute", "group mean", "scores"};

// Appends to a line as far as there is room.
void put(char* line, size_t n, const char* format, ...) {
  const size_t length = strlen(line);
  va_list args;
  va_start(args, format);
  vsnprintf(line + length, n - length, format, args);
  va_end(args);
}

}  // namespace

const char* category(const Chain& chain) {
  if (chain.kind == ChainKind::kScores) return "attention";
  if (chain.op_count == 0) return "fusion";
  switch (chain.ops[0].kind) {
    case OpKind::kContext: return "attention";
    case OpKind::kFloatProduct: return "float";
    default: return "fusion";
  }
}

void describe(const Plan& plan, const ChainTime& time, char* line, size_t n) {
  const PlannedRegion& region = plan.regions[time.region];
  const Chain& chain = region.chains[time.chain];
  snprintf(line, n, "%8.1f us, product %7.1f us, %s, region %d (%d rows, strips of %d) chain %d:", 1e6 * time.seconds,
           1e6 * time.product, category(chain), time.region, region.rows, region.strip_tiles, time.chain);
  if (chain.kind != ChainKind::kTile) put(line, n, " %s", kChainNames[static_cast<int>(chain.kind)]);
  for (int k = 0; k < chain.op_count; k++) {
    const TileOp& op = chain.ops[k];
    put(line, n, "%s %s", k ? "," : "", kOpNames[static_cast<int>(op.kind)]);
    if (op.kind <= OpKind::kContext) put(line, n, " k=%d n=%d", op.k, 32 * chain.blocks);
    if (op.count) put(line, n, " %d", op.count);
  }
}

}  // namespace bvit
