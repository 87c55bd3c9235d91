# Cross compilation for 64-bit ARM Android without an NDK: clang and lld alone, no header and no library
# but the compiler's own. src/base/freestanding*.h declare what is used of libc; BVIT_ANDROID_STUBS
# holds libraries of empty functions to link against (see build.sh).
set(CMAKE_SYSTEM_NAME Linux) # of "Android", CMake would ask for an NDK
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES BVIT_ANDROID_STUBS)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

foreach(language C CXX)
  set(CMAKE_${language}_COMPILER_TARGET aarch64-linux-android29)
  # No start-up code and no compiler-rt are linked, so nothing may call into them.
  string(CONCAT CMAKE_${language}_FLAGS_INIT
    "-ffreestanding -nostdlibinc -DLARQ_BVIT_FREESTANDING "
    "-fno-stack-protector -fno-unwind-tables -fno-asynchronous-unwind-tables "
    "-mno-outline-atomics")
endforeach()
set(CMAKE_C_COMPILER clang)
set(CMAKE_CXX_COMPILER clang++)
# Android 15 wants pages of 16 KiB, and they do for pages of 4 KiB.
string(CONCAT CMAKE_SHARED_LINKER_FLAGS_INIT
  "-fuse-ld=lld -nostdlib -L${BVIT_ANDROID_STUBS} -lc -Wl,-z,max-page-size=16384 "
  "-Wl,-soname,liblarq_bvit_delegate.so -Wl,--gc-sections -Wl,-s")
# A program: Android's loader, and a start of its own (runner/start.cc).
string(CONCAT CMAKE_EXE_LINKER_FLAGS_INIT
  "-fuse-ld=lld -nostdlib -pie -L${BVIT_ANDROID_STUBS} -lc -Wl,-z,max-page-size=16384 "
  "-Wl,--dynamic-linker=/system/bin/linker64 -Wl,--gc-sections -Wl,-s")

# Threads are a part of bionic's libc.
set(CMAKE_HAVE_PTHREAD_H 1)
set(CMAKE_HAVE_LIBC_PTHREAD 1)
