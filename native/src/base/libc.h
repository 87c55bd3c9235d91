// The only libc that the library needs. Hosted builds take the system's headers; the freestanding
// build for Android (no NDK, a stub libc.so) declares the same functions itself.
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#ifndef LARQ_BVIT_FREESTANDING
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#ifdef MADV_HUGEPAGE
#define BVIT_HUGE_PAGES 1
#endif
#else
#include "base/freestanding.h"
#endif
