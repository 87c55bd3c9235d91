#include "compile/group_order.h"

namespace bvit {
namespace {

// Blocks of 32 positions: 16 lanes hold one member of 16 groups, the next 16 lanes another one.
Vec<int32_t> group_order(int32_t channels, int32_t group) {
  Vec<int32_t> order;
  const int32_t half = group / 2;
  for (int32_t p = 0; p < channels; p++) {
    const int32_t block = p / 32, member = 2 * (block % half) + p % 32 / 16;
    order.push(group * (block / half * 16 + p % 16) + member);
  }
  return order;
}

// Looks for all items that are ordered together. Each of them leads to all others: where one search has
// failed, no other one succeeds.
class Search {
 public:
  // `seen`: of each item the mean whose search has come to it, or -1.
  Search(const Net& net, const Vec<int32_t>& region_of, const Vec<Vec<int32_t>>& users, int32_t mean,
         Vec<int32_t>* seen)
      : net_(net), region_of_(region_of), users_(users), seen_(*seen), mean_(mean),
        group_(net.items[mean].count), region_(region_of[mean]),
        channels_(net.items[net.items[mean].in[0]].channels) {}

  bool run(int32_t hidden) {
    if (group_ % 2 || channels_ / group_ % 16 || channels_ % 32 || region_of_[hidden] != region_) return false;
    waiting_.push(hidden);
    while (!waiting_.empty()) {
      const int32_t item = waiting_.back();
      waiting_.pop();
      if (seen_[item] == mean_) continue;
      if (seen_[item] >= 0) return false;
      seen_[item] = mean_;
      members.push(item);
      if (!admits(item)) return false;
    }
    return true;
  }

  Vec<int32_t> members;

 private:
  bool admits(int32_t index) {
    const Item& item = net_.items[index];
    if (region_of_[index] != region_ || item.exported || item.channels != channels_) return false;
    switch (item.kind) {
      case ItemKind::kBinaryProduct:
        if (!item.border.empty()) return false;
        break;
      case ItemKind::kFloatProduct:
      case ItemKind::kTile: break;
      case ItemKind::kAffine:
      case ItemKind::kPrelu:
      case ItemKind::kClamp:
      case ItemKind::kSign: waiting_.push(item.in[0]); break;
      case ItemKind::kAdd:
        waiting_.push(item.in[0]);
        waiting_.push(item.in[1]);
        break;
      default: return false;
    }
    for (int32_t user : users_[index])
      if (!follows(net_.items[user], user, item)) return false;
    return true;
  }

  bool follows(const Item& user, int32_t index, const Item& item) {
    switch (user.kind) {
      case ItemKind::kGroupMean: return user.count == group_ && region_of_[index] == region_;
      case ItemKind::kBinaryProduct: return item.bits && user.geometry.is_pointwise() && region_of_[index] == region_;
      case ItemKind::kAffine:
      case ItemKind::kPrelu:
      case ItemKind::kClamp:
      case ItemKind::kSign:
      case ItemKind::kAdd: waiting_.push(index); return true;
      default: return false;
    }
  }

  const Net& net_;
  const Vec<int32_t>& region_of_;
  const Vec<Vec<int32_t>>& users_;
  Vec<int32_t>& seen_;
  int32_t mean_, group_, region_, channels_;
  Vec<int32_t> waiting_;
};

}  // namespace

GroupOrders find_group_orders(const Net& net, const Vec<int32_t>& region_of,
                              const Vec<Vec<int32_t>>& users) {
  GroupOrders found;
  found.of_item.resize(net.items.size(), -1);
  Vec<int32_t> seen(net.items.size(), -1);
  for (size_t i = 0; i < net.items.size(); i++) {
    if (net.items[i].kind != ItemKind::kGroupMean || region_of[i] < 0) continue;
    const int32_t hidden = net.items[i].in[0];
    if (found.of_item[hidden] >= 0) continue;
    Search search(net, region_of, users, static_cast<int32_t>(i), &seen);
    if (!search.run(hidden)) continue;
    for (int32_t m : search.members) found.of_item[m] = static_cast<int32_t>(found.orders.size());
    found.orders.push(group_order(net.items[hidden].channels, net.items[i].count));
    found.group.push(net.items[i].count);
  }
  return found;
}

}  // namespace bvit
