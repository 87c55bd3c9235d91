// The memory that a chain works on, in copies: for the kernels, for the reference, and for its doubts.
#pragma once

#include <math.h>

#include <memory>
#include <vector>

#include "chain_reference.h"
#include "check.h"
#include "kernels/tile/frequent.h"

namespace bvit {
namespace test {

enum class Holds { kNumbers, kBits };

// Spaces of 4-byte elements, each right before a forbidden page. kArena comes first, then kScratch;
// 2 is left out, as constants are addresses.
class Memory {
 public:
  // The number of a new space, filled with numbers in [-1, 1) or with random bits.
  uint8_t add(size_t elements, Holds holds, Random* random) {
    if (spaces_.size() == kConstant) push(0, Holds::kBits);
    push(elements, holds);
    for (size_t i = 0; i < elements; i++) {
      if (holds == Holds::kNumbers)
        numbers(spaces_.size() - 1)[i] = random->number();
      else
        (*spaces_.back())[i] = random->word();
    }
    return static_cast<uint8_t>(spaces_.size() - 1);
  }

  std::unique_ptr<Memory> copy() const {
    auto other = std::make_unique<Memory>();
    for (size_t s = 0; s < spaces_.size(); s++) {
      other->push(spaces_[s]->size(), holds_[s]);
      memcpy(other->spaces_[s]->data(), spaces_[s]->data(), 4 * spaces_[s]->size());
    }
    return other;
  }

  void clear() {
    for (auto& space : spaces_) memset(space->data(), 0, 4 * space->size());
  }

  std::vector<uint8_t*> pointers() {
    std::vector<uint8_t*> all;
    for (auto& space : spaces_) all.push_back(reinterpret_cast<uint8_t*>(space->data()));
    return all;
  }

  // Bits differ only where `unsure` has one, numbers only by rounding. The number of unsure bits.
  int expect_same(Memory& expected, Memory& unsure, const char* isa, const char* what) {
    int doubts = 0;
    for (size_t s = 0; s < spaces_.size(); s++) {
      for (size_t i = 0; i < spaces_[s]->size(); i++) {
        const uint32_t doubt = (*unsure.spaces_[s])[i];
        doubts += __builtin_popcount(doubt);
        if (holds_[s] == Holds::kBits) {
          const uint32_t wrong = ((*spaces_[s])[i] ^ (*expected.spaces_[s])[i]) & ~doubt;
          CHECK(wrong == 0, "%s: %s: word %zu of space %zu has wrong bits %08x", isa, what, i, s,
                wrong);
        } else {
          const double got = numbers(s)[i], wanted = expected.numbers(s)[i];
          CHECK(fabs(got - wanted) <= 1e-4 * (1 + fabs(wanted)),
                "%s: %s: number %zu of space %zu is %g instead of %g", isa, what, i, s, got,
                wanted);
        }
      }
    }
    return doubts;
  }

  float* numbers(size_t space) { return reinterpret_cast<float*>(spaces_[space]->data()); }
  uint32_t* words(size_t space) { return spaces_[space]->data(); }

 private:
  void push(size_t elements, Holds holds) {
    spaces_.push_back(std::make_unique<Guarded<uint32_t>>(elements));
    holds_.push_back(holds);
  }

  std::vector<std::unique_ptr<Guarded<uint32_t>>> spaces_;
  std::vector<Holds> holds_;
};

// Runs a chain by a table's kernels, interpreted and by code of its own if it has such, and by the
// reference, from the same memory. The number of bits that are left open.
inline int expect_chain(const Kernels* kernels, const Chain& chain, Memory& memory, int first_row,
                        int tiles, const char* what) {
  Chain frequent = chain;
  frequent.frequent = chain.kind == ChainKind::kTile ? find_frequent(chain.ops, chain.op_count) : -1;
  if (chain.frequent < 0 && frequent.frequent >= 0) expect_chain(kernels, frequent, memory, first_row, tiles, what);
  const auto got = memory.copy(), expected = memory.copy(), unsure = memory.copy();
  unsure->clear();
  const auto a = got->pointers(), b = expected->pointers(), c = unsure->pointers();
  kernels->run_chain(chain, {a.data(), first_row, tiles});
  run_reference(chain, {b.data(), first_row, tiles}, {c.data(), first_row, tiles});
  return got->expect_same(*expected, *unsure, kernels->name, what);
}

}  // namespace test
}  // namespace bvit
