// TensorFlow Lite's C API, taken out of a library while the program runs.
#pragma once

#include "delegate/tfl_abi.h"

namespace bvit {

struct TfLiteModel;
struct TfLiteOptions;
struct TfLiteInterpreter;
struct TfLiteTensor;  // only its functions look inside
using TfLiteReporter = void (*)(void* user_data, const char* format, va_list arguments);

// (what it gives, its name without "TfLite", what it takes) of all functions that must be there.
#define BVIT_TFLITE_FUNCTIONS(F)                                                     \
  F(const char*, Version, (void))                                                    \
  F(TfLiteModel*, ModelCreateFromFile, (const char* path))                           \
  F(void, ModelDelete, (TfLiteModel*))                                               \
  F(TfLiteOptions*, InterpreterOptionsCreate, (void))                                \
  F(void, InterpreterOptionsDelete, (TfLiteOptions*))                                \
  F(void, InterpreterOptionsSetNumThreads, (TfLiteOptions*, int32_t))                \
  F(void, InterpreterOptionsAddDelegate, (TfLiteOptions*, tfl::Delegate*))           \
  F(TfLiteInterpreter*, InterpreterCreate, (const TfLiteModel*, const TfLiteOptions*)) \
  F(void, InterpreterDelete, (TfLiteInterpreter*))                                   \
  F(tfl::Status, InterpreterAllocateTensors, (TfLiteInterpreter*))                   \
  F(tfl::Status, InterpreterInvoke, (TfLiteInterpreter*))                            \
  F(int32_t, InterpreterGetInputTensorCount, (const TfLiteInterpreter*))             \
  F(TfLiteTensor*, InterpreterGetInputTensor, (const TfLiteInterpreter*, int32_t))   \
  F(int32_t, InterpreterGetOutputTensorCount, (const TfLiteInterpreter*))            \
  F(const TfLiteTensor*, InterpreterGetOutputTensor, (const TfLiteInterpreter*, int32_t)) \
  F(int32_t, TensorType, (const TfLiteTensor*))                                      \
  F(int32_t, TensorNumDims, (const TfLiteTensor*))                                   \
  F(int32_t, TensorDim, (const TfLiteTensor*, int32_t))                              \
  F(size_t, TensorByteSize, (const TfLiteTensor*))                                   \
  F(void*, TensorData, (const TfLiteTensor*))                                        \
  F(const char*, TensorName, (const TfLiteTensor*))

struct TfLite {
  const char* path;
#define BVIT_MEMBER(result, name, arguments) result(*name) arguments;
  BVIT_TFLITE_FUNCTIONS(BVIT_MEMBER)
#undef BVIT_MEMBER
  // Null in libraries that have it not: they print errors themselves.
  void (*InterpreterOptionsSetErrorReporter)(TfLiteOptions*, TfLiteReporter, void* user_data);
};

// Ends the program where the library can't be loaded, or lacks one of the functions.
TfLite load_tflite(const char* path);

}  // namespace bvit
