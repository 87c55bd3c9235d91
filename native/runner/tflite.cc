#include "runner/tflite.h"

#include "runner/fail.h"
#include "runner/library.h"

namespace bvit {

TfLite load_tflite(const char* path) {
  void* library = load_library("a TensorFlow Lite C library", path);
  TfLite lite = {};
  lite.path = path;
#define BVIT_FIND(result, name, arguments)                                                     \
  find_function(library, "TfLite" #name, &lite.name);                                          \
  if (lite.name == nullptr)                                                                    \
    fail("expected a TensorFlow Lite C library; got %s, which has no TfLite" #name, path);
  BVIT_TFLITE_FUNCTIONS(BVIT_FIND)
#undef BVIT_FIND
  find_function(library, "TfLiteInterpreterOptionsSetErrorReporter",
                &lite.InterpreterOptionsSetErrorReporter);
  return lite;
}

}  // namespace bvit
