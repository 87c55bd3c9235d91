// The functions of the context, as the runtime gives them to a delegate.
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_interpreter.h"

namespace fuzz {

namespace tfl = bvit::tfl;

void FakeInterpreter::allow(bool nodes) {
  context_.GetNodeAndRegistration = nodes ? get_node : forbidden_node;
  context_.ReplaceNodeSubsetsWithDelegateKernels = nodes ? replace : forbidden_replace;
  context_.PreviewDelegatePartitioning = nodes ? preview : forbidden_preview;
}

tfl::Status FakeInterpreter::get_plan(Context* c, IntArray** plan) {
  *plan = self(c)->plan_;
  return tfl::kOk;
}

tfl::Status FakeInterpreter::get_node(Context* c, int32_t index, tfl::Node** node,
                                      tfl::Registration** registration) {
  FakeInterpreter* me = self(c);
  if (index < 0 || static_cast<size_t>(index) >= me->nodes_.size()) return tfl::kError;
  *node = &me->nodes_[index];
  *registration = &me->registrations_[index];
  return tfl::kOk;
}

tfl::Status FakeInterpreter::forbidden_node(Context*, int32_t, tfl::Node**, tfl::Registration**) {
  return tfl::kError;
}

tfl::Status FakeInterpreter::forbidden_replace(Context*, tfl::Registration, const IntArray*,
                                               tfl::Delegate*) {
  return tfl::kError;
}

tfl::Status FakeInterpreter::forbidden_preview(Context*, const IntArray*, tfl::DelegateParams**,
                                               int32_t*) {
  return tfl::kError;
}

tfl::Status FakeInterpreter::resize_tensor(Context*, tfl::Tensor* tensor, IntArray* dims) {
  free(tensor->dims);
  tensor->dims = dims;
  return bytes_of(*tensor, &tensor->bytes) ? tfl::kOk : tfl::kError;
}

void FakeInterpreter::report_error(Context* c, const char* format, ...) {
  char text[512];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof(text), format, arguments);
  va_end(arguments);
  self(c)->last_error_ = text;
}

std::vector<Partition> FakeInterpreter::partitions_with(const IntArray* claimed) const {
  std::vector<bool> is_claimed(nodes_.size());
  for (int32_t i = 0; i < claimed->size; i++) is_claimed.at(claimed->data[i]) = true;
  return partitions(nodes_, is_claimed, outputs_, tensors_.size());
}

// The runtime owns what it gives, and forgets it at the next call.
tfl::Status FakeInterpreter::preview(Context* c, const IntArray* claimed,
                                     tfl::DelegateParams** parts, int32_t* count) {
  FakeInterpreter* me = self(c);
  me->forget_preview();
  for (const Partition& part : me->partitions_with(claimed))
    if (part.claimed)
      me->previewed_.push_back({nullptr, new_array(part.nodes), new_array(part.inputs),
                                new_array(part.outputs)});
  *parts = me->previewed_.data();
  *count = static_cast<int32_t>(me->previewed_.size());
  return tfl::kOk;
}

void FakeInterpreter::forget_preview() {
  for (tfl::DelegateParams& part : previewed_) {
    free(part.nodes_to_replace);
    free(part.input_tensors);
    free(part.output_tensors);
  }
  previewed_.clear();
}

tfl::Status FakeInterpreter::replace(Context* c, tfl::Registration registration,
                                     const IntArray* claimed, tfl::Delegate* delegate) {
  FakeInterpreter* me = self(c);
  // `nodes_` must not move while the delegate looks at them
  me->nodes_.reserve(2 * me->nodes_.size() + 1);
  me->registrations_.reserve(2 * me->registrations_.size() + 1);
  std::vector<int32_t> plan;
  for (const Partition& part : me->partitions_with(claimed)) {
    if (!part.claimed) {
      plan.insert(plan.end(), part.nodes.begin(), part.nodes.end());
      continue;
    }
    plan.push_back(static_cast<int32_t>(me->nodes_.size()));
    me->add_kernel(registration, part, delegate);
  }
  free(me->plan_);
  me->plan_ = new_array(plan);
  return tfl::kOk;
}

void FakeInterpreter::add_kernel(const tfl::Registration& registration, const Partition& part,
                                 tfl::Delegate* delegate) {
  tfl::Node node;
  memset(&node, 0, sizeof(node));
  node.inputs = new_array(part.inputs);
  node.outputs = new_array(part.outputs);
  tfl::DelegateParams params = {delegate, new_array(part.nodes), node.inputs, node.outputs};
  node.user_data = registration.init(&context_, reinterpret_cast<const char*>(&params), 0);
  free(params.nodes_to_replace);
  kernels_.push_back(static_cast<int32_t>(nodes_.size()));
  nodes_.push_back(node);
  registrations_.push_back(registration);
}

}  // namespace fuzz
