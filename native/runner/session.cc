#include "runner/session.h"

#include "runner/fail.h"
#include "runner/files.h"
#include "runner/messages.h"
#include "runner/tensors.h"

namespace bvit {

Session::Session(const TfLite& lite, const Arguments& arguments, DelegateLibrary* delegates)
    : lite_(lite), arguments_(arguments), delegates_(delegates) {
  char start[8] = {};
  read_start("a .tflite", arguments.model, start, sizeof(start));
  if (memcmp(start + 4, "TFL3", 4) != 0)
    fail("expected a .tflite, with TFL3 at byte 4; got %s, which has none", arguments.model);
  const int64_t begin = now_ns();
  open();
  init_ns_ = now_ns() - begin;
}

void Session::open() {
  model_ = lite_.ModelCreateFromFile(arguments_.model);
  if (model_ == nullptr) fail_to_load("of the file");
  options_ = lite_.InterpreterOptionsCreate();
  lite_.InterpreterOptionsSetNumThreads(options_, arguments_.threads);
  if (lite_.InterpreterOptionsSetErrorReporter)
    lite_.InterpreterOptionsSetErrorReporter(options_, keep_message, nullptr);
  delegate_ = delegates_->create();
  if (delegate_) lite_.InterpreterOptionsAddDelegate(options_, delegate_);
  interpreter_ = lite_.InterpreterCreate(model_, options_);
  if (interpreter_ == nullptr) fail_to_load("of its operators");
  if (lite_.InterpreterAllocateTensors(interpreter_) != tfl::kOk) fail_to_load("of its tensors");
}

Session::~Session() {
  lite_.InterpreterDelete(interpreter_);
  lite_.InterpreterOptionsDelete(options_);
  lite_.ModelDelete(model_);
  delegates_->destroy(delegate_);
}

void Session::fail_to_load(const char* where) const {
  char operator_name[128];
  if (!unresolved_operator(operator_name, sizeof(operator_name)))
    fail("expected a model that %s (%s) can load; got a refusal %s: %s%s", lite_.path,
         lite_.Version(), where, messages(),
         delegate_ ? "" : "; Larq Compute Engine's operators need --delegate");
  if (delegate_ == nullptr)
    fail("expected a model of TensorFlow Lite's own operators; got %s with custom operator %s: pass "
         "--delegate liblarq_bvit_delegate.so for those of Larq Compute Engine",
         arguments_.model, operator_name);
  fail("expected a model that %s can run with the delegate %s; got custom operator %s: %s",
       lite_.path, arguments_.delegate, operator_name, messages());
}

void Session::read_inputs() {
  size_t bytes = 1;  // by which a file that is too large is known
  for (int32_t i = 0; i < input_count(); i++) bytes += lite_.TensorByteSize(input(i));
  if (!inputs_.reserve<char>(static_cast<int64_t>(bytes)))
    fail("expected %zu bytes of memory for inputs; got none", bytes);
  char* to = inputs_.as<char>();
  for (int32_t i = 0; i < input_count(); i++) {
    if (arguments_.input == nullptr) {
      fill_pattern(lite_, input(i), to);
    } else if (i == 0) {
      read_first_input(to);  // others stay zeros, as where outputs are compared with a reference
    }
    to += lite_.TensorByteSize(input(i));
  }
}

void Session::read_first_input(char* to) {
  const size_t size = lite_.TensorByteSize(input(0));
  const size_t n = read_start("raw bytes of an input", arguments_.input, to, size + 1);
  if (n == size) return;
  fail("expected %zu bytes in --input, as input 0 of %s has; got %s of %s%zu", size,
       arguments_.model, arguments_.input, n > size ? "at least " : "", n);
}

int64_t Session::run() {
  const char* from = inputs_.as<char>();
  for (int32_t i = 0; i < input_count(); i++) {
    const size_t size = lite_.TensorByteSize(input(i));
    void* to = lite_.TensorData(input(i));
    if (size && to == nullptr) fail("expected memory of input %d; got none", static_cast<int>(i));
    memcpy(to, from, size);  // as a camera does, and as the runtime may use their memory for others
    from += size;
  }
  const int64_t begin = now_ns();
  const tfl::Status status = lite_.InterpreterInvoke(interpreter_);
  const int64_t end = now_ns();
  if (status != tfl::kOk) fail("expected an inference; got an error: %s", messages());
  return end - begin;
}

}  // namespace bvit
