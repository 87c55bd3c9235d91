#include "runner/library.h"

#include "runner/fail.h"
#include "runner/libc.h"
#include "runner/old_glibc.h"

namespace bvit {
namespace {

// The loader takes a name without a slash for a library of the system, a user for a file here.
bool is_here(const char* name) {
  const int file = strchr(name, '/') ? -1 : open(name, O_RDONLY | O_CLOEXEC);
  if (file >= 0) close(file);
  return file >= 0;
}

}  // namespace

void* load_library(const char* what, const char* path) {
  char here[4096];
  snprintf(here, sizeof(here), "./%s", path);
  void* library = dlopen(is_here(path) ? here : path, RTLD_NOW | RTLD_LOCAL);
  // the loader's reason names the file, or what it needs
  if (library == nullptr) fail("expected %s that can be loaded; got %s: %s", what, path, dlerror());
  return library;
}

void* find_symbol(void* library, const char* name) { return dlsym(library, name); }

}  // namespace bvit
