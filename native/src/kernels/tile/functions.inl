// Functions of all numbers of a tile, in plain C++, which compilers turn into vectors of the instruction
// set that they compile for: no branches, no calls. `memcpy` would be one in a freestanding build.

// e to the x within 1e-7 of it; what leaves the range of normal numbers stays at its end.
static inline float exponential_of(float x) {
  x = x < -87.0f ? -87.0f : x;
  x = x > 88.0f ? 88.0f : x;
  const float shifted = x * 1.44269504f + 12582912.0f;  // 1.5 * 2^23: rounds to whole numbers
  const float whole = shifted - 12582912.0f;
  // the logarithm of 2 in two parts, of which the first one's products are exact
  const float r = x - whole * 0.693359375f - whole * -2.12194440e-4f;
  float p = 1.9875691500e-4f;  // Cephes' polynomial
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  uint32_t bits;
  __builtin_memcpy(&bits, &shifted, sizeof(bits));
  bits = (bits << 23) + 0x3f800000u;  // 2 to the whole: the number's last bits are the exponent
  float two;
  __builtin_memcpy(&two, &bits, sizeof(two));
  return p * two;
}

static inline float logistic_of(float x) { return 1.0f / (1.0f + exponential_of(-x)); }

// Near 0 by a polynomial, which keeps the sign and all digits.
static inline float tanh_of(float x) {
  const float size = x < 0 ? -x : x, square = x * x;
  float p = -5.70498872745e-3f;  // Cephes'
  p = p * square + 2.06390887954e-2f;
  p = p * square - 5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square - 3.33332819422e-1f;
  const float near = p * square * x + x;
  const float far = 1.0f - 2.0f / (exponential_of(2.0f * size) + 1.0f);
  const float signed_far = x < 0 ? -far : far;
  return size < 0.625f ? near : signed_far;
}

static inline float hard_swish_of(float x) {
  float gate = x + 3.0f;
  gate = gate < 0.0f ? 0.0f : gate;
  gate = gate > 6.0f ? 6.0f : gate;
  return x * gate * (1.0f / 6.0f);
}

// Not inlined: chains without functions keep their registers.
static __attribute__((noinline)) BVIT_TARGET void apply_function(Function function, float (&z)[kRows * kBlock]) {
  switch (function) {
    case Function::kLogistic:
      for (float& x : z) x = logistic_of(x);
      return;
    case Function::kTanh:
      for (float& x : z) x = tanh_of(x);
      return;
    case Function::kHardSwish:
      for (float& x : z) x = hard_swish_of(x);
      return;
  }
}
