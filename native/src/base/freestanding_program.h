// What a program needs of Android's libc (bionic, 64 bits, API level 29) beyond freestanding.h: files,
// libraries, and its own start. native/android/build.sh reads the functions' names.
#pragma once

#include "base/freestanding.h"

extern "C" {

// <string.h>, <stdio.h>, <unistd.h>
char* strchr(const char* text, int character);
char* strstr(const char* text, const char* part);
void perror(const char* text);
[[noreturn]] void _exit(int status);

// <fcntl.h>, <unistd.h>; the constants are Linux's for arm64
#define O_RDONLY 0
#define O_WRONLY 1
#define O_CREAT 0100
#define O_TRUNC 01000
#define O_CLOEXEC 02000000
int open(const char* path, int flags, ...);
ssize_t read(int file, void* to, size_t bytes);
int close(int file);

// bionic's own, called by a program's first instruction: runs `main`, then exits
[[noreturn]] void __libc_init(void* stack, void (*onexit)(void),
                              int (*main)(int, char**, char**), const void* structors);

// <dlfcn.h>, of libdl.so; the constants are those of 64 bits
#define RTLD_LOCAL 0
#define RTLD_NOW 2
void* dlopen(const char* path, int flags);
void* dlsym(void* library, const char* name);
char* dlerror(void);

}  // extern "C"
