// The functions, types and constants of Android's libc (bionic, 64 bits, API level 29) that the
// library uses, declared here because an NDK's headers need not be at hand. Only what POSIX and C say
// of them is relied on, besides the sizes below, which are part of bionic's ABI.
#pragma once

#include <limits.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#if !defined(__LP64__)
#error "the sizes of bionic's types are stated for 64 bits only"
#endif

extern "C" {

// <stdlib.h>
void* malloc(size_t bytes);
void* calloc(size_t count, size_t bytes);
void* realloc(void* old, size_t bytes);
void free(void* p);
int posix_memalign(void** p, size_t alignment, size_t bytes);
[[noreturn]] void abort(void);
char* getenv(const char* name);

// <string.h>
void* memcpy(void* to, const void* from, size_t bytes);
void* memmove(void* to, const void* from, size_t bytes);
void* memset(void* to, int byte, size_t bytes);
int memcmp(const void* a, const void* b, size_t bytes);
size_t strlen(const char* text);
int strcmp(const char* a, const char* b);
int strncmp(const char* a, const char* b, size_t bytes);

// <stdio.h>
int snprintf(char* to, size_t bytes, const char* format, ...)
    __attribute__((format(printf, 3, 4)));
int vsnprintf(char* to, size_t bytes, const char* format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

// <unistd.h>, <sched.h>, <sys/auxv.h>
typedef long ssize_t;
typedef int pid_t;
ssize_t write(int file, const void* from, size_t bytes);
pid_t getpid(void);
int sched_yield(void);
unsigned long getauxval(unsigned long type);

// <time.h>
typedef int clockid_t;
struct timespec {
  long tv_sec, tv_nsec;
};
#define CLOCK_MONOTONIC 1
int clock_gettime(clockid_t clock, struct timespec* time);

// <pthread.h>
typedef long pthread_t;
typedef struct {
  int32_t opaque[10];
} pthread_mutex_t;
typedef struct {
  int32_t opaque[12];
} pthread_cond_t;
struct pthread_attr_t;       // only null is passed
struct pthread_condattr_t;
struct pthread_mutexattr_t;
#define PTHREAD_MUTEX_INITIALIZER {{0}}
#define PTHREAD_COND_INITIALIZER {{0}}
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                   void* argument);
int pthread_join(pthread_t thread, void** result);
int pthread_mutex_lock(pthread_mutex_t* mutex);
int pthread_mutex_unlock(pthread_mutex_t* mutex);
int pthread_mutex_destroy(pthread_mutex_t* mutex);
int pthread_cond_wait(pthread_cond_t* condition, pthread_mutex_t* mutex);
int pthread_cond_broadcast(pthread_cond_t* condition);
int pthread_cond_signal(pthread_cond_t* condition);
int pthread_cond_destroy(pthread_cond_t* condition);

}  // extern "C"
