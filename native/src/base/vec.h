// A growing array of trivial values, without exceptions: where memory ends, the process aborts,
// as these arrays hold a graph's structure, never data whose size a file controls.
#pragma once

#include "base/libc.h"

namespace bvit {
struct PlacementTag {};
}  // namespace bvit

// Placement new of our own: <new> belongs to the C++ library, which is not there on Android.
inline void* operator new(size_t, bvit::PlacementTag, void* p) noexcept { return p; }
inline void operator delete(void*, bvit::PlacementTag, void*) noexcept {}

namespace bvit {

template <class T>
class Vec {
 public:
  Vec() = default;
  explicit Vec(size_t n, T value = T()) { resize(n, value); }
  Vec(const Vec& other) { *this = other; }
  Vec(Vec&& other) noexcept { swap(other); }
  ~Vec() {
    for (size_t i = 0; i < size_; i++) data_[i].~T();
    free(data_);
  }
  Vec& operator=(const Vec& other) {
    if (this == &other) return *this;
    clear();
    reserve(other.size_);
    if constexpr (__is_trivially_copyable(T)) {
      if (other.size_) memcpy(static_cast<void*>(data_), other.data_, other.size_ * sizeof(T));
      size_ = other.size_;
    } else {
      for (const T& value : other) push(value);
    }
    return *this;
  }
  Vec& operator=(Vec&& other) noexcept {
    swap(other);
    return *this;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }
  T& back() { return data_[size_ - 1]; }
  const T& back() const { return data_[size_ - 1]; }

  void push(const T& value) {
    T copy(value);  // `value` may lie in here
    if (size_ == room_) reserve(room_ ? 2 * room_ : 8);
    new_at(size_++, static_cast<T&&>(copy));
  }
  void pop() { data_[--size_].~T(); }
  void clear() {
    while (size_) pop();
  }
  void resize(size_t n, T value = T()) {
    while (size_ > n) pop();
    reserve(n);
    if constexpr (__is_trivially_copyable(T)) {
      while (size_ < n) data_[size_++] = value;
    } else {
      while (size_ < n) push(value);
    }
  }
  void reserve(size_t n) {
    if (n <= room_) return;
    T* grown = static_cast<T*>(malloc(n * sizeof(T)));
    if (grown == nullptr) abort();
    for (size_t i = 0; i < size_; i++) {
      new (PlacementTag(), grown + i) T(static_cast<T&&>(data_[i]));
      data_[i].~T();
    }
    free(data_);
    data_ = grown;
    room_ = n;
  }
  bool contains(const T& value) const {
    for (const T& v : *this)
      if (v == value) return true;
    return false;
  }
  void swap(Vec& other) noexcept {
    T* data = data_;
    const size_t size = size_, room = room_;
    data_ = other.data_, size_ = other.size_, room_ = other.room_;
    other.data_ = data, other.size_ = size, other.room_ = room;
  }

 private:
  void new_at(size_t i, T&& value) { new (PlacementTag(), data_ + i) T(static_cast<T&&>(value)); }

  T* data_ = nullptr;
  size_t size_ = 0, room_ = 0;
};

}  // namespace bvit
