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

// e to the x, for |x| < 700, to about 1e-15 of it: the C library's needs a library of its own.
inline double exponential(double x) {
  const double halves = x * 1.4426950408889634;
  const int n = static_cast<int>(halves + (halves < 0 ? -0.5 : 0.5));
  const double r = x - n * 0.6931471805599453;
  double term = 1, sum = 1;
  for (int k = 1; k < 18; k++) sum += term *= r / k;
  const double two = n < 0 ? 0.5 : 2;
  for (int k = n < 0 ? -n : n; k > 0; k--) sum *= two;
  return sum;
}

}  // namespace bvit
