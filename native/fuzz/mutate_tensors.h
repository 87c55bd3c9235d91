// Changes of tensors: shapes, types, constants.
#pragma once

#include "graph_case.h"
#include "random.h"

namespace fuzz {

// A number near another one, or one at which code changes its mind.
int32_t interesting(Random* random, int32_t old);
// Mostly sizes with which a graph still runs.
int32_t small_size(Random* random, int32_t old);

void change_dim(Case* c, Random* random);
void change_rank(Case* c, Random* random);
void change_input_shape(Case* c, Random* random);
void swap_shapes(Case* c, Random* random);
void change_type(Case* c, Random* random);
void change_flags(Case* c, Random* random);
void change_scale(Case* c, Random* random);
void change_constant(Case* c, Random* random);

}  // namespace fuzz
