#include "kernels/tile/frequent.h"

namespace bvit {
namespace {

template <OpKind... kKinds>
bool is_sequence(const TileOp* ops, int32_t count, Sequence<kKinds...>) {
  if (count != sizeof...(kKinds)) return false;
  return ((ops++->kind == kKinds) && ...);
}

template <class... T>
int32_t number_of(const TileOp* ops, int32_t count, Sequences<T...>) {
  int32_t number = -1;
  return ((number++, is_sequence(ops, count, T())) || ...) ? number : -1;
}

}  // namespace

int32_t find_frequent(const TileOp* ops, int32_t count) { return number_of(ops, count, frequent::Chains()); }

}  // namespace bvit
