#include "delegate/half_constants.h"

#include "delegate/builtin_options.h"

namespace bvit {

Vec<HalfConstant> find_half_constants(const tfl::Context* context, const Vec<RawNode>& nodes) {
  Vec<HalfConstant> found;
  for (const RawNode& raw : nodes) {
    const tfl::IntArray *in = raw.node.inputs, *out = raw.node.outputs;
    if (raw.builtin_code != tfl::kBuiltinDequantize || in->size != 1 || out->size != 1) continue;
    if (in->data[0] < 0 || out->data[0] < 0) continue;
    const tfl::Tensor &from = context->tensors[in->data[0]], &to = context->tensors[out->data[0]];
    const bool constant = from.allocation_type == tfl::kMmapRo && from.type == tfl::kFloat16;
    if (constant && to.type == tfl::kFloat32) found.push({out->data[0], in->data[0]});
  }
  return found;
}

Vec<HalfConstant> find_half_constants(tfl::Context* context) {
  tfl::IntArray* indices = nullptr;
  Vec<RawNode> plan;
  context->GetExecutionPlan(context, &indices);
  if (indices == nullptr || !collect_nodes(context, indices, &plan)) return Vec<HalfConstant>();
  return find_half_constants(context, plan);
}

}  // namespace bvit
