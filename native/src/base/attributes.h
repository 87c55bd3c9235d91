// What the compiler must do in kernels, whose speed rests on it: a tile's accumulators stay in
// registers only where its function is inlined and every loop over them is unrolled.
#pragma once

#define BVIT_ALWAYS_INLINE inline __attribute__((always_inline))
#define BVIT_INLINE_LAMBDA __attribute__((always_inline))

#if defined(__clang__)
#define BVIT_UNROLL_ALL _Pragma("clang loop unroll(full)")
#define BVIT_UNROLL_16 BVIT_UNROLL_ALL
#define BVIT_UNROLL_NONE _Pragma("clang loop unroll(disable)")
#elif defined(__GNUC__)
#define BVIT_UNROLL_ALL _Pragma("GCC unroll 64")
#define BVIT_UNROLL_16 _Pragma("GCC unroll 16")
#define BVIT_UNROLL_NONE _Pragma("GCC unroll 1")
#else
#define BVIT_UNROLL_ALL
#define BVIT_UNROLL_16
#define BVIT_UNROLL_NONE
#endif
