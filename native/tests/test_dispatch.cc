// Which tables this processor is offered, and under which names.
#include "check.h"

namespace bvit {
namespace test {
namespace {

struct Visit {
  int count = 0;
  const Kernels* last = nullptr;
};

void check_kernels(const Kernels* kernels, void* with) {
  Visit* visit = static_cast<Visit*>(with);
  if (visit->count++ == 0)
    CHECK(strcmp(kernels->name, "portable") == 0, "the first is %s", kernels->name);
  visit->last = kernels;
  cover(kernels->name);
  CHECK(processor_has(kernels->name), "%s is offered to a processor without", kernels->name);
  CHECK(find_kernels(kernels->name) == kernels, "%s is not found by its name", kernels->name);
  CHECK(kernels->bgemm_i32 && kernels->sign_f32 && kernels->run_chain, "%s has gaps",
        kernels->name);
}

void expect_unknown(const char* name) {
  CHECK(find_kernels(name) == nullptr, "'%s' is found", name);
}

}  // namespace
}  // namespace test
}  // namespace bvit

int main() {
  using namespace bvit;
  test::Visit visit;
  each_kernels(test::check_kernels, &visit);
  CHECK(find_kernels(nullptr) == visit.last, "the best one is %s", find_kernels(nullptr)->name);
  CHECK(find_kernels("") == visit.last, "the best one is %s", find_kernels("")->name);
  const char* unknown[] = {"avx", "avx51", "avx5122", "AVX2", " avx2", "neo", "sse", "portable "};
  for (const char* name : unknown) test::expect_unknown(name);
#define BVIT_MISSING(name, needs) \
  if (!test::processor_has(#name)) test::expect_unknown(#name);
  BVIT_ISA_LIST(BVIT_MISSING)
#undef BVIT_MISSING
  return test::finish("dispatch");
}
