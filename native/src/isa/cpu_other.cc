#if !defined(__x86_64__) && !defined(__aarch64__)

#include "isa/cpu.h"

namespace bvit {

Cpu detect_cpu() { return Cpu(); }

}  // namespace bvit

#endif
