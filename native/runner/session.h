// A model in an interpreter, with its inputs.
#pragma once

#include "base/buffer.h"
#include "runner/arguments.h"
#include "runner/delegate.h"
#include "runner/tflite.h"

namespace bvit {

class Session {
 public:
  // Ends the program where the library can't load or run the model, saying what it said.
  Session(const TfLite& lite, const Arguments& arguments, DelegateLibrary* delegates);
  ~Session();  // in the order that TensorFlow Lite asks for

  // Makes ready what `run` puts into the inputs: of --input, or a pattern.
  void read_inputs();

  // One inference on the inputs, which are written anew; its time in nanoseconds without that.
  int64_t run();

  int64_t init_ns() const { return init_ns_; }
  tfl::Delegate* delegate() const { return delegate_; }
  int32_t input_count() const { return lite_.InterpreterGetInputTensorCount(interpreter_); }
  int32_t output_count() const { return lite_.InterpreterGetOutputTensorCount(interpreter_); }
  TfLiteTensor* input(int32_t i) const { return lite_.InterpreterGetInputTensor(interpreter_, i); }
  const TfLiteTensor* output(int32_t i) const {
    return lite_.InterpreterGetOutputTensor(interpreter_, i);
  }

 private:
  void open();
  void read_first_input(char* to);
  [[noreturn]] void fail_to_load(const char* where) const;

  const TfLite& lite_;
  const Arguments& arguments_;
  DelegateLibrary* delegates_;
  TfLiteModel* model_ = nullptr;
  TfLiteOptions* options_ = nullptr;
  tfl::Delegate* delegate_ = nullptr;
  TfLiteInterpreter* interpreter_ = nullptr;
  int64_t init_ns_ = 0;
  Buffer inputs_;  // one after the other
};

}  // namespace bvit
