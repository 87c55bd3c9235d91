// One node of a TensorFlow Lite graph on its way into a Graph: checks, and what passed them.
//
// A reader function of an operator (importers.h) asks for inputs, constants and options, works out
// the outputs' shapes and returns whether all of it holds. Every check leaves its reason.
#pragma once

#include "delegate/graph_builder.h"
#include "graph/types.h"

namespace bvit {

class NodeReader {
 public:
  NodeReader(const GraphBuilder* builder, const tfl::Node* node, int32_t position);

  Node node;  // `op` is given; readers fill `at`
  Reason reason;

  // --- what the node has ---
  bool counts(int32_t least_inputs, int32_t most_inputs, int32_t outputs);
  int32_t inputs() const { return raw_->inputs->size; }
  int32_t outputs() const { return raw_->outputs->size; }
  bool has_input(int32_t i) const { return i < inputs() && raw_->inputs->data[i] >= 0; }
  const tfl::Node& raw() const { return *raw_; }
  // Shapes will still change, or nobody else runs the node: then sizes that do not fit are no reason
  // to decline.
  bool is_tentative() const;
  // The options of a builtin operator, or null with a reason.
  template <class T>
  const T* options() {
    if (raw_->builtin_data == nullptr) reason.set("it has no options");
    return static_cast<const T*>(raw_->builtin_data);
  }

  // --- inputs ---
  // Input i as a value, whatever it is; not among the node's inputs unless taken.
  bool look(int32_t i, Value* value);
  // Input i, which must have this type, becomes the node's next input.
  bool take(int32_t i, Type type, Value* value);
  // The same of any type.
  bool take_any(int32_t i, Value* value);
  // A constant of `count` numbers (O), which becomes the next input.
  bool take_constant(int32_t i, Type type, int64_t count);
  void take_nothing() { in_.push(-1); }
  // Numbers of a constant int32 or int64 tensor of rank 2 at most: a few per dimension.
  bool constant_ints(int32_t i, Vec<int32_t>* numbers);
  // The number of a constant float32 tensor of one, which may be kept as float16.
  bool constant_float(int32_t i, float* number);

  // --- outputs ---
  Type output_type(int32_t i) const;
  // Output i gets this type, which the tensor must have, and this shape.
  bool give(int32_t i, Type type, const Shape& shape);
  // Output i as the runtime knows it.
  bool look_output(int32_t i, Value* value);

  // --- frequent attributes ---
  bool set_activation(int32_t code);
  bool set_axis(int32_t axis, int32_t rank);  // negative ones count from the end

  // Adds node and values to the graph; after all checks passed.
  void commit(GraphBuilder* builder, Graph* graph, int32_t index);

 private:
  struct Out {
    int32_t tensor;
    Type type;
    Shape shape;
  };

  const GraphBuilder* builder_;
  const tfl::Node* raw_;
  int32_t position_;
  Vec<int32_t> in_;  // tensors, -1 where left out
  Vec<Out> out_;
};

}  // namespace bvit
