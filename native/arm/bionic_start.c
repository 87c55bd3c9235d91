/* A libc.so for programs that were built for Android, where glibc takes the place of its libc: the one
 * function that glibc has not. The rest comes from libc.so.6, which this library needs. */
#include <stdlib.h>

void __libc_init(void* stack, void (*onexit)(void), int (*main)(int, char**, char**),
                 const void* structors) {
  (void)onexit, (void)structors;
  char** words = (char**)stack + 1;
  const int count = (int)*(long*)stack;
  exit(main(count, words, words + count + 1));
}
