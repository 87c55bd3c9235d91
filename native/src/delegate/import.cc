#include "delegate/import.h"

#include "delegate/graph_builder.h"
#include "delegate/importers.h"

namespace bvit {
namespace {

// Adds the node at `position`, or says why not.
bool import_node(const RawNode& raw, int32_t position, GraphBuilder* builder, Graph* graph,
                 Reason* reason) {
  const Importer importer = importer_of(raw.builtin_code, raw.custom_name);
  if (importer.read == nullptr) return reason->set("its operator is not known");
  NodeReader reader(builder, &raw.node, position);
  reader.node.op = importer.op;
  if (!importer.read(&reader)) {
    *reason = reader.reason;
    return false;
  }
  reader.commit(builder, graph, raw.index);
  return true;
}

// Marks what the graph does not read itself: it may be the model's output.
void mark_unread(Graph* graph) {
  Vec<uint8_t> read(graph->values.size(), 0);
  for (const Node& node : graph->nodes)
    for (int32_t v : node.in)
      if (v >= 0) read[v] = 1;
  for (size_t v = 0; v < graph->values.size(); v++)
    if (!read[v]) graph->values[v].output = true;
}

void mark_inputs_of(const tfl::Node& node, const GraphBuilder& builder, Graph* graph) {
  for (int32_t i = 0; i < node.inputs->size; i++) {
    const int32_t tensor = node.inputs->data[i], value = tensor < 0 ? -1 : builder.find(tensor);
    if (value >= 0 && !graph->values[value].data) graph->values[value].output = true;
  }
}

}  // namespace

void import_plan(tfl::Context* context, const Vec<RawNode>& plan, Graph* graph,
                 Vec<Refusal>* refusals) {
  const Vec<HalfConstant> halves = find_half_constants(context, plan);
  GraphBuilder builder(context, plan, halves, false, graph);
  for (size_t position = 0; position < plan.size(); position++) {
    Refusal refusal = {static_cast<int32_t>(position), {}};
    if (!import_node(plan[position], refusal.position, &builder, graph, &refusal.reason))
      refusals->push(refusal);
  }
  for (const Refusal& refusal : *refusals)
    mark_inputs_of(plan[refusal.position].node, builder, graph);
  mark_unread(graph);
}

bool import_partition(tfl::Context* context, const Vec<RawNode>& nodes,
                      const Vec<HalfConstant>& halves, const Vec<int32_t>& outputs, Graph* graph,
                      Reason* reason) {
  GraphBuilder builder(context, nodes, halves, true, graph);
  for (size_t position = 0; position < nodes.size(); position++) {
    const RawNode& raw = nodes[position];
    Reason why;
    if (import_node(raw, static_cast<int32_t>(position), &builder, graph, &why)) continue;
    char name[64];
    name_node(raw, name, sizeof(name));
    return reason->set("node %d (%s): %.90s", raw.index, name, why.text);
  }
  for (int32_t tensor : outputs) {
    const int32_t value = tensor < 0 ? -1 : builder.find(tensor);
    if (value < 0 || graph->values[value].data || graph->values[value].input)
      return reason->set("no node of the partition computes its output, tensor %d", tensor);
    graph->values[value].output = true;
  }
  return true;
}

}  // namespace bvit
