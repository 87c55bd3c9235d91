#include "partition.h"

namespace fuzz {
namespace {

namespace tfl = bvit::tfl;

bool contains(const std::vector<int32_t>& list, int32_t value) {
  for (int32_t v : list)
    if (v == value) return true;
  return false;
}

void add(std::vector<int32_t>* list, int32_t value) {
  if (!contains(*list, value)) list->push_back(value);
}

// What a partition reads from others and writes for them.
void find_ends(const std::vector<tfl::Node>& nodes, const std::vector<int32_t>& model_outputs,
               Partition* part) {
  std::vector<int32_t> written, read_elsewhere = model_outputs;
  for (int32_t n : part->nodes)
    for (int32_t i = 0; i < nodes[n].outputs->size; i++) add(&written, nodes[n].outputs->data[i]);
  for (size_t n = 0; n < nodes.size(); n++) {
    const bool inside = contains(part->nodes, static_cast<int32_t>(n));
    for (int32_t i = 0; i < nodes[n].inputs->size; i++) {
      const int32_t t = nodes[n].inputs->data[i];
      if (t < 0) continue;
      if (!inside) add(&read_elsewhere, t);
      if (inside && !contains(written, t)) add(&part->inputs, t);
    }
  }
  for (int32_t t : written)
    if (contains(read_elsewhere, t)) part->outputs.push_back(t);
}

}  // namespace

std::vector<Partition> partitions(const std::vector<tfl::Node>& nodes,
                                  const std::vector<bool>& claimed,
                                  const std::vector<int32_t>& model_outputs, size_t tensors) {
  std::vector<int> pending(tensors);  // writers that have not run
  for (const tfl::Node& node : nodes)
    for (int32_t i = 0; i < node.outputs->size; i++)
      if (node.outputs->data[i] >= 0) pending[node.outputs->data[i]]++;
  std::vector<bool> done(nodes.size());
  std::vector<Partition> parts;
  for (bool progress = true; progress;) {
    progress = false;
    for (size_t n = 0; n < nodes.size(); n++) {
      if (done[n]) continue;
      bool ready = true;
      for (int32_t i = 0; i < nodes[n].inputs->size; i++) {
        const int32_t t = nodes[n].inputs->data[i];
        ready = ready && (t < 0 || pending[t] == 0);
      }
      const bool open = !parts.empty() && progress && parts.back().claimed == claimed[n];
      if (!ready || (progress && !open)) continue;
      if (!open) parts.push_back({claimed[n], {}, {}, {}});
      parts.back().nodes.push_back(static_cast<int32_t>(n));
      done[n] = progress = true;
      for (int32_t i = 0; i < nodes[n].outputs->size; i++)
        if (nodes[n].outputs->data[i] >= 0) pending[nodes[n].outputs->data[i]]--;
    }
  }
  for (Partition& part : parts) find_ends(nodes, model_outputs, &part);
  return parts;
}

}  // namespace fuzz
