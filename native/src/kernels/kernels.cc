// Dispatch: one table per row of isa_list.h.
#include "kernels/kernels.h"

#include "isa/cpu.h"
#include "kernels/isa_list.h"

namespace bvit {
namespace {

#define BVIT_TABLE(name, needs) {#name, bgemm_i32_##name, sign_f32_##name, run_chain_##name},
constexpr Kernels kTables[] = {BVIT_ISA_LIST(BVIT_TABLE)};
#undef BVIT_TABLE

constexpr int kCount = sizeof(kTables) / sizeof(kTables[0]);

// Which of kTables this processor can run.
struct Available {
  bool row[kCount];
};

Available available() {
  const Cpu cpu = detect_cpu();
  (void)cpu;  // unused where the list holds the portable row alone
#define BVIT_NEEDS(name, needs) needs,
  return {{BVIT_ISA_LIST(BVIT_NEEDS)}};
#undef BVIT_NEEDS
}

}  // namespace

const Kernels* find_kernels(const char* name) {
  const bool any = name == nullptr || name[0] == 0;
  const Available here = available();
  for (int i = kCount - 1; i >= 0; i--)
    if (here.row[i] && (any || strcmp(name, kTables[i].name) == 0)) return &kTables[i];
  return nullptr;
}

void each_kernels(void (*visit)(const Kernels*, void*), void* with) {
  const Available here = available();
  for (int i = 0; i < kCount; i++)
    if (here.row[i]) visit(&kTables[i], with);
}

}  // namespace bvit
