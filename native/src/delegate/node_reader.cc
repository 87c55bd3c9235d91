#include "delegate/node_reader.h"

#include "graph/half.h"
#include "ops/lce_op.h"

namespace bvit {

NodeReader::NodeReader(const GraphBuilder* builder, const tfl::Node* node, int32_t position)
    : builder_(builder), raw_(node), position_(position) {}

bool NodeReader::counts(int32_t least_inputs, int32_t most_inputs, int32_t outputs) {
  if (inputs() < least_inputs || inputs() > most_inputs)
    return reason.set("it must have %d to %d inputs; got %d", least_inputs, most_inputs, inputs());
  if (this->outputs() != outputs)
    return reason.set("it must have %d outputs; got %d", outputs, this->outputs());
  return true;
}

bool NodeReader::is_tentative() const {
  return !builder_->final_shapes() && (is_lce(node.op) || builder_->has_open_shapes());
}

bool NodeReader::look(int32_t i, Value* value) {
  if (!has_input(i)) return reason.set("input %d is missing", i);
  const int32_t tensor = raw_->inputs->data[i];
  return builder_->may_read(tensor, position_, &reason) &&
         builder_->describe(tensor, value, &reason);
}

bool NodeReader::take_any(int32_t i, Value* value) {
  if (!look(i, value)) return false;
  in_.push(raw_->inputs->data[i]);
  return true;
}

bool NodeReader::take(int32_t i, Type type, Value* value) {
  if (!take_any(i, value)) return false;
  return value->type == type || reason.set("input %d must be %s; got %s", i, name_of(type),
                                           name_of(value->type));
}

bool NodeReader::take_constant(int32_t i, Type type, int64_t count) {
  Value value;
  if (!take(i, type, &value)) return false;
  if (value.data == nullptr) return reason.set("input %d must be a constant", i);
  const int64_t got = value.shape.elements();
  return (value.shape.rank == 1 && got == count) ||
         reason.set("input %d must be %lld numbers; got %lld of rank %d", i,
                    static_cast<long long>(count), static_cast<long long>(got), value.shape.rank);
}

bool NodeReader::constant_ints(int32_t i, Vec<int32_t>* numbers) {
  Value value;
  if (!look(i, &value)) return false;
  if (value.data == nullptr) return reason.set("input %d must be a constant", i);
  if (value.shape.rank > 2 || value.shape.elements() > 2 * kMaxRank)
    return reason.set("input %d must be a few numbers", i);
  if (value.type != Type::kInt32 && value.type != Type::kInt64)
    return reason.set("input %d must be int32 or int64; got %s", i, name_of(value.type));
  numbers->clear();
  for (int64_t k = 0; k < value.shape.elements(); k++) {
    int64_t number;
    if (value.type == Type::kInt32) {
      number = static_cast<const int32_t*>(value.data)[k];
    } else {  // may lie at a multiple of 4 bytes
      memcpy(&number, static_cast<const uint8_t*>(value.data) + 8 * k, sizeof(number));
    }
    if (number < INT32_MIN || number > INT32_MAX)
      return reason.set("input %d has a number beyond 32 bits", i);
    numbers->push(static_cast<int32_t>(number));
  }
  return true;
}

bool NodeReader::constant_float(int32_t i, float* number) {
  Value value;
  if (!look(i, &value)) return false;
  if (value.data == nullptr || value.type != Type::kFloat32 || value.shape.elements() != 1)
    return reason.set("input %d must be a constant float32 number", i);
  *number = builder_->holds_halves(raw_->inputs->data[i]) ? half_to_float(*static_cast<const uint16_t*>(value.data))
                                                          : *static_cast<const float*>(value.data);
  return true;
}

bool NodeReader::look_output(int32_t i, Value* value) {
  const int32_t tensor = raw_->outputs->data[i];
  if (tensor < 0) return reason.set("output %d is missing", i);
  return builder_->may_write(tensor, &reason) && builder_->describe(tensor, value, &reason);
}

Type NodeReader::output_type(int32_t i) const {
  const int32_t tensor = raw_->outputs->data[i];
  return tensor >= 0 ? type_of(builder_->tensor(tensor).type) : Type::kOther;
}

bool NodeReader::give(int32_t i, Type type, const Shape& shape) {
  const int32_t tensor = raw_->outputs->data[i];
  if (tensor < 0) return reason.set("output %d is missing", i);
  if (!builder_->may_write(tensor, &reason)) return false;
  if (output_type(i) != type)
    return reason.set("output %d must be %s; got %s", i, name_of(type), name_of(output_type(i)));
  if (!is_sane(shape)) return reason.set("output %d would be beyond 2^31 elements", i);
  out_.push({tensor, type, shape});
  return true;
}

bool NodeReader::set_activation(int32_t code) {
  if (code < kNone || code > kActRelu6)
    return reason.set("fused activation %d is not known", code);
  node.at.activation = code;
  return true;
}

bool NodeReader::set_axis(int32_t axis, int32_t rank) {
  if (axis < -rank || axis >= rank)
    return reason.set("axis must be in [%d, %d); got %d", -rank, rank, axis);
  node.at.axis = axis < 0 ? axis + rank : axis;
  return true;
}

void NodeReader::commit(GraphBuilder* builder, Graph* graph, int32_t index) {
  node.index = index;
  for (int32_t tensor : in_) node.in.push(tensor < 0 ? -1 : builder->value_of(tensor));
  for (const Out& out : out_) node.out.push(builder->define(out.tensor, out.type, out.shape));
  graph->nodes.push(node);
}

}  // namespace bvit
