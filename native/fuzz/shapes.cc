#include "shapes.h"

#include "delegate/graph_builder.h"
#include "delegate/importers.h"

namespace fuzz {
namespace {

// Which nodes can be read, and the graph of these.
std::vector<bool> read_all(bvit::tfl::Context* context, const bvit::Vec<bvit::RawNode>& plan,
                           bool final_shapes, bvit::Graph* graph) {
  bvit::GraphBuilder builder(context, plan, bvit::find_half_constants(context, plan), final_shapes,
                             graph);
  std::vector<bool> known(plan.size());
  for (size_t p = 0; p < plan.size(); p++) {
    const bvit::Importer importer = bvit::importer_of(plan[p].builtin_code, plan[p].custom_name);
    if (importer.read == nullptr) continue;
    bvit::NodeReader reader(&builder, &plan[p].node, static_cast<int32_t>(p));
    reader.node.op = importer.op;
    known[p] = importer.read(&reader);
    if (known[p]) reader.commit(&builder, graph, plan[p].index);
  }
  return known;
}

}  // namespace

FoundShapes find_shapes(bvit::tfl::Context* context, const bvit::Vec<bvit::RawNode>& plan) {
  bvit::Graph graph, tentative;
  FoundShapes found;
  const std::vector<bool> known = read_all(context, plan, true, &graph);
  const std::vector<bool> known_before = read_all(context, plan, false, &tentative);
  for (size_t p = 0; p < plan.size(); p++)
    if (known_before[p] && !known[p]) found.fit = false;
  for (const bvit::Node& node : graph.nodes)
    for (int32_t v : node.out) {
      const bvit::Value& value = graph.values[v];
      found.of_outputs.push_back(
          {node.index, value.tensor,
           std::vector<int32_t>(value.shape.dim, value.shape.dim + value.shape.rank)});
    }
  return found;
}

}  // namespace fuzz
