// What a runtime holds of a graph, and the functions that it hands to a delegate.
//
// What the runtime guarantees holds here too: lists of a node are in range, a constant has the
// bytes that its shape needs, who asks for nodes outside of a delegate's Prepare is turned away.
#pragma once

#include "delegate/raw_node.h"
#include "graph_case.h"
#include "partition.h"

namespace fuzz {

bvit::tfl::IntArray* new_array(const std::vector<int32_t>& values);

// False where the number does not fit, or a dimension is negative.
bool bytes_of(const bvit::tfl::Tensor& tensor, size_t* bytes);

class FakeInterpreter {
 public:
  FakeInterpreter(const Case& c, int32_t threads, bool open_shapes);
  ~FakeInterpreter();

  bvit::tfl::Context* context() { return &context_; }
  std::vector<bvit::tfl::Tensor>& tensors() { return tensors_; }
  // Whether all tensors' sizes can be counted: most runtimes refuse others, but not all.
  bool sizes_fit() const { return sizes_fit_; }
  const std::string& last_error() const { return last_error_; }

  bvit::tfl::Status apply(bvit::tfl::Delegate* delegate);
  // The delegate's, in order of execution.
  size_t kernels() const { return kernels_.size(); }
  const bvit::tfl::Node& kernel(size_t k) const { return nodes_[kernels_[k]]; }
  bvit::tfl::Status prepare(size_t kernel);
  bvit::tfl::Status invoke(size_t kernel);
  void free_kernels();
  // The plan's.
  bvit::Vec<bvit::RawNode> raw_nodes();
  // Nodes of the file that the delegate has left.
  std::vector<int32_t> left_nodes() const;
  // Their outputs.
  std::vector<int32_t> written_by_others() const;

  void resize(size_t tensor, const std::vector<int32_t>& dims);
  // Memory for what nodes of the plan read and write; nothing for what lies in a partition. False
  // where that is more than `most` bytes.
  bool allocate(size_t most);
  void free_data(bvit::tfl::Tensor* tensor);

 private:
  using Context = bvit::tfl::Context;
  using IntArray = bvit::tfl::IntArray;
  using Status = bvit::tfl::Status;

  void add_tensor(const CaseTensor& from);
  void add_node(const CaseNode& from);
  void allow(bool nodes);
  void forget_preview();
  void add_kernel(const bvit::tfl::Registration& registration, const Partition& part,
                  bvit::tfl::Delegate* delegate);
  std::vector<Partition> partitions_with(const IntArray* claimed) const;

  static FakeInterpreter* self(Context* c) { return static_cast<FakeInterpreter*>(c->impl_); }
  static Status get_plan(Context* c, IntArray** plan);
  static Status get_node(Context* c, int32_t index, bvit::tfl::Node** node,
                         bvit::tfl::Registration** registration);
  static Status forbidden_node(Context*, int32_t, bvit::tfl::Node**, bvit::tfl::Registration**);
  static Status forbidden_replace(Context*, bvit::tfl::Registration, const IntArray*,
                                  bvit::tfl::Delegate*);
  static Status forbidden_preview(Context*, const IntArray*, bvit::tfl::DelegateParams**, int32_t*);
  static Status resize_tensor(Context*, bvit::tfl::Tensor* tensor, IntArray* dims);
  static void report_error(Context* c, const char* format, ...);
  static Status preview(Context* c, const IntArray* claimed, bvit::tfl::DelegateParams** parts,
                        int32_t* count);
  static Status replace(Context* c, bvit::tfl::Registration registration, const IntArray* claimed,
                        bvit::tfl::Delegate* delegate);

  Context context_;
  std::vector<bvit::tfl::Tensor> tensors_;
  std::vector<bvit::tfl::Node> nodes_;  // the file's, then kernels
  std::vector<bvit::tfl::Registration> registrations_;
  std::vector<std::string> names_;
  std::vector<int32_t> outputs_, kernels_;
  std::vector<bvit::tfl::DelegateParams> previewed_;
  IntArray *plan_ = nullptr, *signature_;
  bool sizes_fit_ = true;
  std::string last_error_;
};

}  // namespace fuzz
