// Finds numbers by a key among many, without looking at all of them.
#pragma once

#include "base/vec.h"

namespace bvit {

// A key from parts of one.
inline uint64_t mix_key(uint64_t key, uint64_t part) {
  key = (key ^ part) * 0x9e3779b97f4a7c15u;
  return key ^ key >> 32;
}

// Several numbers may have the same key.
class Lookup {
 public:
  // For about `expected` numbers.
  explicit Lookup(size_t expected) {
    size_t chains = 16;
    while (chains < expected) chains *= 2;
    last_.resize(chains, -1);
  }

  void add(uint64_t key, int32_t number) {
    int32_t& last = last_[key & (last_.size() - 1)];
    entries_.push({key, number, last});
    last = static_cast<int32_t>(entries_.size()) - 1;
  }

  // The first that was added of those with this key for which `is(number)` holds; -1: none.
  template <class Is>
  int32_t find(uint64_t key, Is is) const {
    int32_t found = -1;
    for (int32_t e = last_[key & (last_.size() - 1)]; e >= 0; e = entries_[e].before)
      if (entries_[e].key == key && is(entries_[e].number)) found = entries_[e].number;
    return found;
  }

 private:
  struct Entry {
    uint64_t key;
    int32_t number, before;  // the entry before in its chain
  };

  Vec<int32_t> last_;        // entry of each chain
  Vec<Entry> entries_;
};

}  // namespace bvit
