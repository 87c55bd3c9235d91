// With LARQ_BVIT_OLD_GLIBC, a library that was linked on a new system runs on one of 2014: of the
// functions that it needs, only these have got a new version since, and glibc keeps the old ones.
#pragma once

#if defined(LARQ_BVIT_OLD_GLIBC) && defined(__GLIBC__)
#if defined(__x86_64__)
#define BVIT_OLD_GLIBC "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define BVIT_OLD_GLIBC "GLIBC_2.17"
#else
#error "LARQ_BVIT_OLD_GLIBC is for x86-64 and aarch64"
#endif
__asm__(".symver pthread_create, pthread_create@" BVIT_OLD_GLIBC);
__asm__(".symver pthread_join, pthread_join@" BVIT_OLD_GLIBC);
#undef BVIT_OLD_GLIBC
#endif
