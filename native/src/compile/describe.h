// Plans in words.
#pragma once

#include "compile/plan.h"
#include "run/executor.h"

namespace bvit {

// What a chain is for, as time is accounted.
const char* category(const Chain& chain);

// "region 3 (3136 rows) chain 1 fusion: product k=2 x 64, add, prelu, ... 41.2 us, product 20.1 us".
void describe(const Plan& plan, const ChainTime& time, char* line, size_t n);

}  // namespace bvit
