// Libraries that are loaded while the program runs.
#pragma once

namespace bvit {

// Ends the program, saying what was expected, where the library can't be loaded.
void* load_library(const char* what, const char* path);

// Null where the library has no such name.
void* find_symbol(void* library, const char* name);

// A function, of the type of the pointer.
template <class F>
void find_function(void* library, const char* name, F* function) {
  *function = reinterpret_cast<F>(find_symbol(library, name));
}

}  // namespace bvit
