// Chains of operations on tiles, of every instruction set, against their definition: products, then
// random operations, then stores and signs; and those that have code of their own.
#include "random_chain.h"

namespace bvit {
namespace test {
namespace {

int64_t bits_checked = 0, bits_open = 0;

void expect_random_chain(const Kernels* kernels, OpKind start, Random* random) {
  const int blocks = 1 + static_cast<int>(random->word() % 4);
  const int tiles = 1 + static_cast<int>(random->word() % 3);
  const int first_row = kRows * static_cast<int>(random->word() % 3);
  RandomChain made(random, blocks, tiles, first_row);
  made.begin(start);
  for (unsigned left = random->word() % 6; left > 0; left--) made.go_on();
  made.store();
  made.sign();
  if (random->word() % 2) made.go_on(), made.sign();
  bits_open += expect_chain(kernels, made.chain(), made.memory, first_row, tiles, "a random chain");
  bits_checked += kRows * tiles * kBlock * blocks;
}

void expect_groups(const Kernels* kernels, int groups, int group, Random* random) {
  RandomChain made(random, groups * group, 2, kRows);
  made.begin(OpKind::kBinaryProduct);
  made.go_on();
  made.sign();
  made.group_add(group);
  bits_open += expect_chain(kernels, made.chain(), made.memory, kRows, 2, "sums of groups");
  bits_checked += 2 * kRows * kBlock * groups * group;
}

template <OpKind... kKinds>
void expect_frequent(const Kernels* kernels, Random* random, Sequence<kKinds...>) {
  for (int blocks = 1; blocks <= 4; blocks++) {
    const int tiles = 1 + static_cast<int>(random->word() % 3), first_row = kRows * static_cast<int>(random->word() % 3);
    RandomChain made(random, blocks, tiles, first_row);
    (made.add(kKinds), ...);
    CHECK(find_frequent(made.chain().ops, made.chain().op_count) >= 0, "a sequence of the list is not found in it");
    bits_open += expect_chain(kernels, made.chain(), made.memory, first_row, tiles, "a frequent chain");
    bits_checked += kRows * tiles * kBlock * blocks;
  }
}

template <class... T>
void expect_all_frequent(const Kernels* kernels, Random* random, Sequences<T...>) {
  (expect_frequent(kernels, random, T()), ...);
}

// With a scaled addend it is interpreted, else it has a loop of its own.
void expect_hidden(const Kernels* kernels, int group, Random* random) {
  for (int repetition = 0; repetition < 8; repetition++) {
    RandomChain made(random, 3 * group, 2, kRows);
    made.add(OpKind::kUnit), made.sign(), made.group_add(group);
    bits_open += expect_chain(kernels, made.chain(), made.memory, kRows, 2, "a hidden layer");
    bits_checked += 2 * kRows * kBlock * 3 * group;
  }
}

void check_kernels(const Kernels* kernels, void*) {
  cover(kernels->name);
  Random random;
  const OpKind starts[] = {OpKind::kBinaryProduct, OpKind::kFloatProduct, OpKind::kContext,
                           OpKind::kUnit,          OpKind::kLoad,         OpKind::kZero};
  for (int repetition = 0; repetition < 100; repetition++)
    for (const OpKind start : starts) expect_random_chain(kernels, start, &random);
  for (int groups = 1; groups <= 3; groups++)
    for (int group = 1; group <= 4; group++) expect_groups(kernels, groups, group, &random);
  for (int group = 1; group <= 4; group++) expect_hidden(kernels, group, &random);
  for (int repetition = 0; repetition < 5; repetition++) expect_all_frequent(kernels, &random, frequent::Chains());
}

}  // namespace
}  // namespace test
}  // namespace bvit

int main() {
  using namespace bvit::test;
  bvit::each_kernels(check_kernels, nullptr);
  CHECK(100 * bits_open < bits_checked, "%lld of %lld bits are too close to call",
        static_cast<long long>(bits_open), static_cast<long long>(bits_checked));
  return finish("chain");
}
