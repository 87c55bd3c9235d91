// The C structs of TensorFlow Lite that a delegate shares with the runtime, declared anew: no wheel
// ships the headers. The layout is that of TensorFlow 2.14 (2023) to LiteRT of August 2026, checked
// against both; layout.h looks at what a runtime hands over before anything else reads it.
//
// Only what the delegate uses has a speaking type; the rest keeps its place.
#pragma once

#include "base/libc.h"

namespace bvit {
namespace tfl {

using Status = int32_t;
enum : Status { kOk = 0, kError = 1 };

enum TypeCode : int32_t {
  kNoType = 0, kFloat32 = 1, kInt32 = 2, kUint8 = 3, kInt64 = 4, kString = 5, kBool = 6,
  kInt16 = 7, kInt8 = 9, kFloat16 = 10, kFloat64 = 11, kResource = 14, kVariant = 15,
  kUint32 = 16, kUint16 = 17, kInt4 = 18
};

enum Allocation : int32_t {
  kMemNone = 0, kMmapRo = 1, kArenaRw = 2, kArenaRwPersistent = 3, kDynamic = 4,
  kPersistentRo = 5, kCustom = 6, kVariantObject = 7, kNonCpu = 8
};

constexpr int32_t kAffineQuantization = 1;
constexpr int32_t kOptionalTensor = -1;
constexpr int32_t kBuiltinCustom = 32, kBuiltinDelegate = 51;
constexpr int64_t kAllowDynamicTensors = 1;

struct Context;
struct Delegate;
struct Node;
struct Registration;

struct IntArray {
  int32_t size;
  int32_t data[];
};

struct Tensor {
  int32_t type;
  void* data;
  IntArray* dims;
  float scale;
  int32_t zero_point;
  int32_t allocation_type;
  size_t bytes;
  const void* allocation;
  const char* name;
  Delegate* delegate;
  int32_t buffer_handle;
  bool data_is_stale;
  bool is_variable;
  int32_t quantization_type;
  void* quantization;
  void* sparsity;
  const IntArray* dims_signature;
};

struct Node {
  IntArray *inputs, *outputs, *intermediates, *temporaries;
  void* user_data;
  void* builtin_data;
  const void* custom_initial_data;
  int32_t custom_initial_data_size;
  Delegate* delegate;
  bool might_have_side_effect;
};

struct DelegateParams {
  Delegate* delegate;
  IntArray *nodes_to_replace, *input_tensors, *output_tensors;
};

struct Registration {
  void* (*init)(Context*, const char* buffer, size_t length);
  void (*free)(Context*, void* user_data);
  Status (*prepare)(Context*, Node*);
  Status (*invoke)(Context*, Node*);
  const char* (*profiling_string)(const Context*, const Node*);
  int32_t builtin_code;
  const char* custom_name;
  int32_t version;
  void* registration_external;
  void* async_kernel;
  uint64_t inplace_operator;
};

struct Context {
  size_t tensors_size;
  Status (*GetExecutionPlan)(Context*, IntArray**);
  Tensor* tensors;
  void* impl_;
  // Takes the array, which must come from malloc.
  Status (*ResizeTensor)(Context*, Tensor*, IntArray*);
  void (*ReportError)(Context*, const char* format, ...);
  Status (*AddTensors)(Context*, int32_t, int32_t*);
  Status (*GetNodeAndRegistration)(Context*, int32_t, Node**, Registration**);
  Status (*ReplaceNodeSubsetsWithDelegateKernels)(Context*, Registration, const IntArray*,
                                                  Delegate*);
  int32_t recommended_num_threads;
  void *GetExternalContext, *SetExternalContext;
  bool allow_fp32_relax_to_fp16;
  void *profiler, *AllocatePersistentBuffer, *AllocateBufferForEval, *RequestScratchBufferInArena,
      *GetScratchBuffer, *ResizeTensorExplicit;
  // What the runtime would make of claimed nodes; its own until the next call.
  Status (*PreviewDelegatePartitioning)(Context*, const IntArray*, DelegateParams** partitions,
                                        int32_t* count);
  // more follows
};

struct Delegate {
  void* data;
  Status (*Prepare)(Context*, Delegate*);
  void* CopyFromBufferHandle;
  void* CopyToBufferHandle;
  void* FreeBufferHandle;
  int64_t flags;
  void* opaque_delegate_builder;
};

#if UINTPTR_MAX == UINT64_MAX
static_assert(sizeof(Tensor) == 112 && offsetof(Tensor, dims_signature) == 104, "TfLiteTensor");
static_assert(sizeof(Node) == 80, "TfLiteNode");
static_assert(sizeof(Registration) == 88, "TfLiteRegistration");
static_assert(offsetof(Context, recommended_num_threads) == 72, "TfLiteContext");
static_assert(offsetof(Context, PreviewDelegatePartitioning) == 152, "TfLiteContext");
static_assert(sizeof(Delegate) == 56, "TfLiteDelegate");
#endif

}  // namespace tfl
}  // namespace bvit
