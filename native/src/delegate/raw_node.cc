#include "delegate/raw_node.h"

#include "delegate/importers.h"

namespace bvit {

bool collect_nodes(tfl::Context* context, const tfl::IntArray* indices, Vec<RawNode>* nodes) {
  nodes->clear();
  for (int32_t i = 0; i < indices->size; i++) {
    tfl::Node* node = nullptr;
    tfl::Registration* registration = nullptr;
    if (context->GetNodeAndRegistration(context, indices->data[i], &node, &registration) !=
            tfl::kOk ||
        node == nullptr || registration == nullptr)
      return false;
    const bool custom = registration->builtin_code == tfl::kBuiltinCustom;
    const char* name = registration->custom_name ? registration->custom_name : "";
    nodes->push({indices->data[i], *node, registration->builtin_code, custom ? name : nullptr});
  }
  return true;
}

bool check_order(const Vec<RawNode>& plan, size_t tensors, Reason* reason) {
  Vec<int32_t> writer(tensors, -1);
  for (size_t p = 0; p < plan.size(); p++) {
    const tfl::IntArray* outputs = plan[p].node.outputs;
    for (int32_t i = 0; i < outputs->size; i++) {
      if (outputs->data[i] < 0)
        return reason->set("output %d of node %d is no tensor", i, plan[p].index);
      writer[outputs->data[i]] = static_cast<int32_t>(p);
    }
  }
  for (size_t p = 0; p < plan.size(); p++) {
    const tfl::IntArray* inputs = plan[p].node.inputs;
    for (int32_t i = 0; i < inputs->size; i++) {
      const int32_t t = inputs->data[i];
      if (t >= 0 && writer[t] >= static_cast<int32_t>(p))
        return reason->set("node %d reads tensor %d before node %d computes it", plan[p].index, t,
                           plan[writer[t]].index);
    }
  }
  return true;
}

void name_node(const RawNode& node, char* name, size_t size) {
  const Importer importer = importer_of(node.builtin_code, node.custom_name);
  if (importer.read != nullptr) {
    snprintf(name, size, "%s", name_of(importer.op));
  } else if (node.custom_name != nullptr) {
    snprintf(name, size, "custom operator %.40s", node.custom_name);
  } else {
    snprintf(name, size, "operator %d", node.builtin_code);
  }
}

}  // namespace bvit
