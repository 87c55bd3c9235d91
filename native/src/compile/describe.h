// Plans in words.
#pragma once

#include "compile/plan.h"

namespace bvit {

// What a chain is for, as time is accounted.
const char* category(const Chain& chain);
bool has_product(const Chain& chain);  // a binary one

// "3136 rows: unit k=2 n=512, sign, group add"
void describe(const Plan& plan, int32_t region, int32_t chain, char* text, size_t n);

// The regions of a plan, line by line; with all their chains where `chains` is set.
void print_plan(const Plan& plan, bool chains, void (*print)(const char* line));

}  // namespace bvit
