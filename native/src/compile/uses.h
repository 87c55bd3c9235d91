// How often each item is read, kept up while items are rewritten.
#pragma once

#include "compile/net.h"

namespace bvit {

// As `count_uses` counts: of items that nobody needs any more, what they read is not in here.
class Uses {
 public:
  explicit Uses(Net* net) : net_(*net), count_(count_uses(*net)) {}

  int32_t operator[](int32_t item) const { return count_[item]; }

  // An item with one input reads `source` instead.
  void redirect(Item* item, int32_t source) {
    const int32_t before = item->in[0];
    count_[source]++;
    item->in[0] = source;
    release(before);
  }

  // An item with one input becomes another one, in the same place.
  void replace(Item* item, const Item& other) {
    const int32_t before = item->in[0];
    for (int32_t source : other.in) count_[source]++;
    *item = other;
    release(before);
  }

 private:
  // What the rewritten item reads was counted before: so this ends after a step or two.
  void release(int32_t item) {
    if (--count_[item] > 0) return;
    for (int32_t source : net_.items[item].in) release(source);
  }

  const Net& net_;
  Vec<int32_t> count_;
};

}  // namespace bvit
