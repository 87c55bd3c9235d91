// The order of channels in which means over groups become sums of whole vectors.
#pragma once

#include "compile/net.h"

namespace bvit {

// For each item the number of an order in `orders`, or -1 for channels in order. An item gets one
// where it and all that touches it, up to the products before and behind, can follow.
struct GroupOrders {
  Vec<int32_t> of_item;
  Vec<Vec<int32_t>> orders;   // position -> channel
  Vec<int32_t> group;         // channels per mean, of each order
  const Vec<int32_t>* order(int32_t item) const {
    return of_item[item] < 0 ? nullptr : &orders[of_item[item]];
  }
};

// `users`: of each item, those of regions that read it.
GroupOrders find_group_orders(const Net& net, const Vec<int32_t>& region_of,
                              const Vec<Vec<int32_t>>& users);

}  // namespace bvit
