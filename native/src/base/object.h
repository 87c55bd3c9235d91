// Objects on the heap without the C++ library's `new`.
#pragma once

#include "base/memory.h"
#include "base/vec.h"

namespace bvit {

// Null where memory ends.
template <class T, class... Arguments>
T* create_object(const Arguments&... arguments) {
  static_assert(alignof(T) <= kAlign, "aligned beyond what `allocate` gives");
  void* place = allocate(sizeof(T));
  return place ? new (PlacementTag(), place) T(arguments...) : nullptr;
}

template <class T>
void delete_object(T* object) {
  if (object == nullptr) return;
  object->~T();
  free(object);
}

}  // namespace bvit
