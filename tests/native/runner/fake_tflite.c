/* A TensorFlow Lite C library of a few lines for tests of the runner, and a delegate for it.
 *
 * A model is a file "1234TFL3" with a line per wish behind it, see below. It has one input and one
 * output of the same numbers; the output is the input. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef void (*Reporter)(void* user_data, const char* format, va_list arguments);
struct Model { char text[4096]; };
struct Options { Reporter reporter; void* user_data; void* delegate; int threads; };
struct Tensor { int type, bytes; char data[4096]; char name[64]; };
struct Interpreter { struct Options options; struct Model* model; struct Tensor in, out; int runs; };

static int wish(const struct Model* model, const char* name) {
  const char* at = strstr(model->text, name);
  return at ? atoi(at + strlen(name)) + 1 : 0;
}

static void report(const struct Options* options, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  if (options->reporter) {
    options->reporter(options->user_data, format, arguments);
  } else {
    vfprintf(stderr, format, arguments), fputc('\n', stderr);
  }
  va_end(arguments);
}

#ifndef WITHOUT_VERSION
const char* TfLiteVersion(void) { return "9.8\"7"; }
#endif

struct Model* TfLiteModelCreateFromFile(const char* path) {
  struct Model* model = calloc(1, sizeof(*model));
  FILE* file = fopen(path, "rb");
  fread(model->text, 1, sizeof(model->text) - 1, file);
  fclose(file);
  memcpy(model->text, "........", 8);
  if (wish(model, "no model ")) return NULL;
  return model;
}
void TfLiteModelDelete(struct Model* model) { fprintf(stderr, "end of model\n"), free(model); }

struct Options* TfLiteInterpreterOptionsCreate(void) { return calloc(1, sizeof(struct Options)); }
void TfLiteInterpreterOptionsDelete(struct Options* options) {
  fprintf(stderr, "end of options\n"), free(options);
}
void TfLiteInterpreterOptionsSetNumThreads(struct Options* options, int32_t n) { options->threads = n; }
void TfLiteInterpreterOptionsAddDelegate(struct Options* options, void* delegate) {
  options->delegate = delegate;
}
#ifndef WITHOUT_REPORTER
void TfLiteInterpreterOptionsSetErrorReporter(struct Options* options, Reporter reporter, void* data) {
  options->reporter = reporter, options->user_data = data;
}
#endif

struct Interpreter* TfLiteInterpreterCreate(struct Model* model, const struct Options* options) {
  if (wish(model, "no interpreter ")) {
    report(options, "Op builtin_code %s %d", "out of range:", 210);
    report(options, "Registration failed.\n");
    return NULL;
  }
  struct Interpreter* interpreter = calloc(1, sizeof(*interpreter));
  interpreter->options = *options, interpreter->model = model;
  if (wish(model, "memory ")) {
    const size_t bytes = (size_t)(wish(model, "memory ") - 1) << 20;
    memset(malloc(bytes), 1, bytes);
  }
  const int type = wish(model, "type ");
  struct Tensor tensor = {type ? type - 1 : 1, wish(model, "bytes ") ? wish(model, "bytes ") - 1 : 64, {0}, {0}};
  interpreter->in = interpreter->out = tensor;
  const char* name = strstr(model->text, "name ");
  snprintf(interpreter->in.name, sizeof(tensor.name), "%s", name ? name + 5 : "in");
  strcpy(interpreter->out.name, "out");
  return interpreter;
}
void TfLiteInterpreterDelete(struct Interpreter* interpreter) {
  fprintf(stderr, "end of interpreter: %d runs, %d threads\n", interpreter->runs,
          interpreter->options.threads);
  free(interpreter);
}
int TfLiteInterpreterAllocateTensors(struct Interpreter* interpreter) {
  if (!wish(interpreter->model, "unresolved ")) return 0;
  if (interpreter->options.delegate && !wish(interpreter->model, "unresolved 2")) return 0;
  report(&interpreter->options, "Encountered unresolved custom op: %s.\nSee instructions: https", "LceSign.2");
  report(&interpreter->options, "Node number %d (LceSign.2) failed to prepare.", 3);
  return 1;
}
int TfLiteInterpreterInvoke(struct Interpreter* interpreter) {
  if (wish(interpreter->model, "no run ") && interpreter->runs == wish(interpreter->model, "no run ") - 1) {
    report(&interpreter->options, "Input is %s", "empty");
    return 1;
  }
  int sum = 0;
  for (int i = 0; i < interpreter->in.bytes; i++) sum |= interpreter->in.data[i];
  if (sum == 0) {
    report(&interpreter->options, "the input was not written for run %d", interpreter->runs);
    return 1;
  }
  const int ms = wish(interpreter->model, "sleep ");
  if (ms) nanosleep(&(struct timespec){0, 1000000L * (ms - 1)}, NULL);
  interpreter->runs++;
  memcpy(interpreter->out.data, interpreter->in.data, (size_t)interpreter->in.bytes);
  memset(interpreter->in.data, 0, (size_t)interpreter->in.bytes); /* as a runtime may */
  /* later outputs are others than the first */
  if (interpreter->runs > 1) interpreter->out.data[0] ^= 1;
  return 0;
}
int32_t TfLiteInterpreterGetInputTensorCount(const struct Interpreter* i) { return i != NULL; }
int32_t TfLiteInterpreterGetOutputTensorCount(const struct Interpreter* i) { return i != NULL; }
struct Tensor* TfLiteInterpreterGetInputTensor(struct Interpreter* i, int32_t n) { return n ? NULL : &i->in; }
struct Tensor* TfLiteInterpreterGetOutputTensor(struct Interpreter* i, int32_t n) { return n ? NULL : &i->out; }
int32_t TfLiteTensorType(const struct Tensor* tensor) { return tensor->type; }
int32_t TfLiteTensorNumDims(const struct Tensor* tensor) { return tensor ? 2 : 0; }
int32_t TfLiteTensorDim(const struct Tensor* tensor, int32_t n) { return n ? tensor->bytes : 1; }
size_t TfLiteTensorByteSize(const struct Tensor* tensor) { return (size_t)tensor->bytes; }
void* TfLiteTensorData(struct Tensor* tensor) { return tensor->data; }
const char* TfLiteTensorName(const struct Tensor* tensor) { return tensor->name; }

#ifdef HUNGRY /* takes memory while it is loaded, and gives it back */
__attribute__((constructor)) static void load(void) {
  char* volatile memory = malloc(64 << 20);
  memset(memory, 1, 64 << 20);
  free(memory);
}
#endif

#ifdef WITH_DELEGATE
static int delegate;
void* tflite_plugin_create_delegate(const char** keys, const char** values, size_t n, void (*error)(const char*)) {
  for (size_t i = 0; i < n; i++) {
    fprintf(stderr, "option %s is %s\n", keys[i], values[i]);
    if (strcmp(keys[i], "bad") == 0) return error("fake: unknown option 'bad'"), NULL;
  }
  return &delegate;
}
void tflite_plugin_destroy_delegate(void* d) { fprintf(stderr, "end of delegate %d\n", d == &delegate); }
size_t larq_bvit_activation_bytes(const void* d) { return d == &delegate ? 5000000000 : 0; }
size_t larq_bvit_profile_json(void* d, char* text, size_t room) {
  /* at the second reading, the first step has taken more and the second less */
  static int later = 0;
  const int length = snprintf(text, room, "[{\"name\": \"a, b\", \"kind\": \"product\", \"nanoseconds\": %lld}, "
                              "{\"name\": \"%s\", \"kind\": \"fusion\", \"nanoseconds\": %d}]",
                              d != &delegate ? 0 : later ? 20000000007LL : 10000000000LL,
                              later && getenv("FAKE_OTHER_STEP") ? "other" : "c", later ? 700 : 800);
  later += text != NULL;
  return (size_t)length;
}
#endif
