// What a program keeps beside the file's own constants: parameters and weights in the kernels' order.
#pragma once

#include "base/memory.h"
#include "base/vec.h"

namespace bvit {

class Constants {
 public:
  Constants() = default;
  Constants(const Constants&) = delete;
  Constants& operator=(const Constants&) = delete;
  ~Constants() {
    for (void* block : blocks_) free(block);
  }
  // Zeroed, aligned memory that lives as long as this; in order, so that what is packed together
  // is read together. Null and `failed` where memory ends.
  void* take(size_t bytes) {
    bytes = round_up(bytes, kAlign);
    if (used_ + bytes > room_ || blocks_.empty()) {
      room_ = bytes > kBlockBytes ? bytes : blocks_.empty() ? kFirstBlockBytes : kBlockBytes;
      if (bytes > room_) room_ = bytes;
      void* block = room_ >= kBlockBytes ? allocate_large(room_) : allocate(room_);
      if (block == nullptr) {
        room_ = used_ = 0;
        failed_ = true;
        return nullptr;
      }
      blocks_.push(block);
      used_ = 0;
    }
    void* p = static_cast<char*>(blocks_.back()) + used_;
    used_ += bytes;
    total_ += bytes;
    return p;
  }
  template <class T>
  T* take_array(size_t n) { return static_cast<T*>(take(n * sizeof(T))); }
  bool failed() const { return failed_; }
  size_t bytes() const { return total_; }

 private:
  static constexpr size_t kFirstBlockBytes = 1 << 18, kBlockBytes = (1 << 21) - kAlign;
  Vec<void*> blocks_;
  size_t used_ = 0, room_ = 0, total_ = 0;
  bool failed_ = false;
};

}  // namespace bvit
