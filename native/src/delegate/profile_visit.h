// How programs tell where their time went: a call for each step.
#pragma once

#include "base/libc.h"

namespace bvit {

using ProfileVisit = void (*)(const char* name, const char* kind, uint64_t nanoseconds, void* with);

}  // namespace bvit
