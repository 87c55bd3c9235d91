#include "delegate/claims.h"

#include "delegate/part_reader.h"
#include "delegate/partition_program.h"
#include "graph/types.h"

namespace bvit {
namespace {

constexpr int kTurns = 32;  // each gives nodes back; then all of them
constexpr int32_t kMostParts = 1 << 14;  // in all turns: a runtime takes long to find so many

// Gives back what the partition can't run; whether there was any. LCE's nodes can stay alone.
bool give_back(const Part& part, const Options& options, Vec<uint8_t>* flags) {
  Vec<uint8_t> fused;
  find_fused(part.graph, options, &fused);
  bool lce_fits = true, any = false;
  for (size_t n = 0; n < fused.size(); n++) lce_fits &= fused[n] || !is_lce(part.graph.nodes[n].op);
  for (size_t n = 0; n < fused.size(); n++) {
    if (is_lce(part.graph.nodes[n].op) || (fused[n] && lce_fits)) continue;
    (*flags)[part.position[n]] = 0;
    any = true;
  }
  return any;
}

void claim_lce_only(const Graph& graph, Vec<uint8_t>* flags) {
  for (size_t n = 0; n < graph.nodes.size(); n++) (*flags)[n] = is_lce(graph.nodes[n].op);
}

// Gives back what only says where numbers stand, to operators that stay with the runtime: it costs
// nothing there.
void give_back_layout(const Graph& graph, Vec<uint8_t>* flags) {
  enum : uint8_t { kRead = 1, kReadInside = 2 };
  Vec<uint8_t> readers(graph.values.size(), 0);
  for (size_t n = graph.nodes.size(); n-- > 0;) {
    const Node& node = graph.nodes[n];
    uint8_t of_outputs = 0;
    for (int32_t v : node.out) of_outputs |= readers[v];
    if (is_layout(node.op) && of_outputs == kRead) (*flags)[n] = 0;
    for (int32_t v : node.in)
      if (v >= 0) readers[v] |= (*flags)[n] ? kRead | kReadInside : kRead;
  }
}

}  // namespace

tfl::IntArray* claimed_nodes(const Graph& graph, const Vec<uint8_t>& flags) {
  const size_t room = sizeof(tfl::IntArray) + sizeof(int32_t) * graph.nodes.size();
  tfl::IntArray* claimed = static_cast<tfl::IntArray*>(malloc(room));
  if (claimed == nullptr) return nullptr;
  claimed->size = 0;
  for (size_t n = 0; n < graph.nodes.size(); n++)
    if (flags[n]) claimed->data[claimed->size++] = graph.nodes[n].index;
  return claimed;
}

bool choose_claims(tfl::Context* context, const Graph& graph, const Options& options,
                   Vec<uint8_t>* flags) {
  find_fused(graph, options, flags);
  for (size_t n = 0; n < graph.nodes.size(); n++) (*flags)[n] |= is_lce(graph.nodes[n].op);
  give_back_layout(graph, flags);
  bool settled = is_exact(options);
  PartReader reader(graph);
  int32_t parts = 0;
  for (int turn = 0; !settled && turn < kTurns && parts < kMostParts; turn++) {
    tfl::IntArray* claimed = claimed_nodes(graph, *flags);
    if (claimed == nullptr) return false;
    tfl::DelegateParams* partitions = nullptr;  // the runtime's own
    int32_t count = 0;
    const tfl::Status status =
        context->PreviewDelegatePartitioning(context, claimed, &partitions, &count);
    free(claimed);
    if (status != tfl::kOk) break;
    settled = true;
    parts += count;
    for (int32_t p = 0; p < count; p++)
      settled &= !give_back(reader.read(partitions[p]), options, flags);
  }
  if (!settled) claim_lce_only(graph, flags);
  return true;
}

}  // namespace bvit
