#include "delegate/part_reader.h"

#include "base/math.h"

namespace bvit {
namespace {

// Where in a list stands what has a number; -1: nowhere.
template <class T, class NumberOf>
Vec<int32_t> inverse(const Vec<T>& list, NumberOf number_of) {
  int32_t most = -1;
  for (const T& element : list) most = max(most, number_of(element));
  Vec<int32_t> places(static_cast<size_t>(most) + 1, -1);
  for (size_t i = 0; i < list.size(); i++) places[number_of(list[i])] = static_cast<int32_t>(i);
  return places;
}

int32_t look_up(const Vec<int32_t>& places, int32_t number) {
  return number >= 0 && static_cast<size_t>(number) < places.size() ? places[number] : -1;
}

}  // namespace

PartReader::PartReader(const Graph& plan)
    : plan_(plan),
      node_of_(inverse(plan.nodes, [](const Node& node) { return node.index; })),
      value_of_(inverse(plan.values, [](const Value& value) { return value.tensor; })),
      number_(plan.values.size(), -1) {}

Part PartReader::read(const tfl::DelegateParams& partition) {
  Part part;
  const tfl::IntArray &nodes = *partition.nodes_to_replace, &outputs = *partition.output_tensors;
  for (int32_t i = 0; i < nodes.size; i++) {  // in order of execution
    const int32_t position = look_up(node_of_, nodes.data[i]);
    if (position >= 0) read_node(position, &part);
  }
  for (int32_t i = 0; i < outputs.size; i++) {
    const int32_t value = look_up(value_of_, outputs.data[i]);
    if (value >= 0 && number_[value] >= 0) part.graph.values[number_[value]].output = true;
  }
  for (int32_t value : numbered_) number_[value] = -1;
  numbered_.clear();
  return part;
}

void PartReader::read_node(int32_t position, Part* part) {
  Node node = plan_.nodes[position];
  for (int32_t& v : node.in) v = value_of(v, part);
  for (int32_t& v : node.out) {
    v = value_of(v, part);
    part->graph.values[v].input = false;
  }
  part->graph.nodes.push(node);
  part->position.push(position);
}

// One of the plan's values in the part: it comes from outside unless a node of the part makes it.
int32_t PartReader::value_of(int32_t value, Part* part) {
  if (value < 0) return value;
  if (number_[value] < 0) {
    number_[value] = static_cast<int32_t>(part->graph.values.size());
    numbered_.push(value);
    part->graph.values.push(plan_.values[value]);
    Value& own = part->graph.values.back();
    own.input = own.data == nullptr, own.output = false;
  }
  return number_[value];
}

}  // namespace bvit
