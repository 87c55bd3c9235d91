// For programs that want to know before they make a delegate: what its option `isa` may be here.
#include "kernels/kernels.h"

namespace bvit {
namespace {

struct Search {
  int left;  // tables before the one that is looked for
  const char* name;
};

void visit(const Kernels* kernels, void* with) {
  Search* search = static_cast<Search*>(with);
  if (search->left-- == 0) search->name = kernels->name;
}

}  // namespace
}  // namespace bvit

// The instruction set of this number, counted from the least; null where there are no more.
extern "C" __attribute__((visibility("default"))) const char* larq_bvit_isa(int index) {
  if (index < 0) return nullptr;
  bvit::Search search = {index, nullptr};
  bvit::each_kernels(bvit::visit, &search);
  return search.name;
}
