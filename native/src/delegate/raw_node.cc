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
