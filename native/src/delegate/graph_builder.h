// Values of a Graph, taken from a TensorFlow Lite graph one node after the other.
#pragma once

#include "base/reason.h"
#include "delegate/half_constants.h"
#include "delegate/raw_node.h"
#include "graph/graph.h"

namespace bvit {

// From TensorFlow Lite's number of a type; kOther for those that no operator here takes.
Type type_of(int32_t code);

class GraphBuilder {
 public:
  // `nodes` in order of execution. `final_shapes`: the runtime has worked out the shapes of all
  // tensors that come from outside; else they are only what the file says.
  GraphBuilder(tfl::Context* context, const Vec<RawNode>& nodes, const Vec<HalfConstant>& halves,
               bool final_shapes, Graph* graph);

  bool final_shapes() const { return final_shapes_; }
  // Whether the file leaves sizes open, so that whoever runs it must set them first.
  bool has_open_shapes() const { return has_open_shapes_; }
  const tfl::Tensor& tensor(int32_t index) const { return context_->tensors[index]; }

  // The tensor as a value: the graph's, or what is known from the runtime.
  bool describe(int32_t tensor, Value* value, Reason* reason) const;
  // Whether the data of a constant of float32 are float16 still: those that `value_of` has not widened.
  bool holds_halves(int32_t tensor) const { return half_of_[tensor] >= 0 && value_of_[tensor] < 0; }
  // Whether the node at `position` of the plan may read, or alone writes, a tensor.
  bool may_read(int32_t tensor, int32_t position, Reason* reason) const;
  bool may_write(int32_t tensor, Reason* reason) const;

  // The index of a tensor's value, which is made where there is none; after `describe` succeeded.
  int32_t value_of(int32_t tensor);
  // Makes the value of a node's output.
  int32_t define(int32_t tensor, Type type, const Shape& shape);
  // The index of a tensor's value, or -1.
  int32_t find(int32_t tensor) const { return value_of_[tensor]; }

 private:
  bool read_type_and_shape(const tfl::Tensor& tensor, Value* value, Reason* reason) const;
  bool read_constant(const tfl::Tensor& tensor, Value* value, Reason* reason) const;
  bool read_half(int32_t tensor, Value* value, Reason* reason) const;

  tfl::Context* context_;
  bool final_shapes_, has_open_shapes_;
  Graph* graph_;
  Vec<int32_t> half_of_;      // by tensor: the float16 constant that it is made of, -1: none
  Vec<int32_t> value_of_;     // by tensor, -1: none yet
  Vec<int32_t> writer_;       // by tensor: position of the node that writes it, -1: none
  Vec<uint8_t> written_twice_;
};

}  // namespace bvit
