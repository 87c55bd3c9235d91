// Random numbers that are the same everywhere.
#pragma once

#include <stdint.h>

#include <vector>

namespace fuzz {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2 + 1) {}

  uint64_t next() {  // splitmix64
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint32_t below(size_t n) { return n ? static_cast<uint32_t>(next() % n) : 0; }
  bool one_in(uint32_t n) { return below(n) == 0; }
  template <class T>
  T pick(const std::vector<T>& values) { return values[below(values.size())]; }
  template <class T>
  T* any(std::vector<T>* values) {
    return values->empty() ? nullptr : &(*values)[below(values->size())];
  }

 private:
  uint64_t state_;
};

}  // namespace fuzz
