// Small helpers that <algorithm> would give.
#pragma once

#include "base/libc.h"

namespace bvit {

template <class T>
constexpr T min(T a, T b) { return b < a ? b : a; }
template <class T>
constexpr T max(T a, T b) { return a < b ? b : a; }
template <class T>
constexpr T clamp(T x, T low, T high) { return min(max(x, low), high); }
constexpr int64_t ceil_div(int64_t a, int64_t b) { return (a + b - 1) / b; }

}  // namespace bvit
