// Memory with an owner: for data whose size a file controls, so that its failure can be reported.
#pragma once

#include "base/memory.h"

namespace bvit {

class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() { free(data_); }

  // Zeroed memory for `count` of T in place of what was held; false where there is none.
  template <class T>
  bool reserve(int64_t count) {
    free(data_);
    data_ = nullptr;
    bytes_ = 0;
    if (count < 0 || static_cast<uint64_t>(count) > SIZE_MAX / 2 / sizeof(T)) return false;
    data_ = allocate(static_cast<size_t>(count) * sizeof(T));
    if (data_) bytes_ = static_cast<size_t>(count) * sizeof(T);
    return data_ != nullptr;
  }

  template <class T>
  T* as() const {
    return static_cast<T*>(data_);
  }
  size_t bytes() const { return bytes_; }

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace bvit
