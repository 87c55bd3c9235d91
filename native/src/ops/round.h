// Rounding to the nearest integer, ties away from zero (C's `roundf`), with an end: what lies
// beyond +-limit becomes +-limit, NaN -limit.
#pragma once

#include "base/libc.h"

namespace bvit {

inline int32_t round_within(float x, float limit) {
  if (!(x > -limit)) return static_cast<int32_t>(-limit);
  if (x > limit) return static_cast<int32_t>(limit);
  const int32_t whole = static_cast<int32_t>(x);
  const float rest = x - static_cast<float>(whole);  // exact: both have the same exponent or less
  return whole + (rest >= 0.5f) - (rest <= -0.5f);
}

}  // namespace bvit
