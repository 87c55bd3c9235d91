// As base/old_glibc.h, of what the runner needs beyond the library.
#pragma once

#if defined(LARQ_BVIT_OLD_GLIBC) && defined(__GLIBC__)
#if defined(__x86_64__)
#define BVIT_OLD_GLIBC "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define BVIT_OLD_GLIBC "GLIBC_2.17"
#else
#error "LARQ_BVIT_OLD_GLIBC is for x86-64 and aarch64"
#endif
__asm__(".symver dlopen, dlopen@" BVIT_OLD_GLIBC);
__asm__(".symver dlsym, dlsym@" BVIT_OLD_GLIBC);
__asm__(".symver dlerror, dlerror@" BVIT_OLD_GLIBC);
__asm__(".symver __libc_start_main, __libc_start_main@" BVIT_OLD_GLIBC);
#undef BVIT_OLD_GLIBC
#endif
