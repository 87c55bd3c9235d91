# Sources of the kernels and of dispatch: BVIT_KERNEL_SOURCES, absolute paths, for the processor that
# is compiled for. One file per kernel and instruction set; its name's last part sets its flags.

set(BVIT_KERNEL_FOLDER ${CMAKE_CURRENT_LIST_DIR})

set(BVIT_ISAS portable)
if(NOT CMAKE_SIZEOF_VOID_P EQUAL 8) # a 64-bit kernel's name says nothing of a 32-bit compiler
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  list(APPEND BVIT_ISAS avx2 avx512)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
  list(APPEND BVIT_ISAS neon)
endif()

# The portable row may be the only one, so its loops are worth the compiler's vectors at any level.
set(BVIT_FLAGS_portable -O3)
# The intrinsics of g++ 12 leave what an instruction ignores uninitialised, and warn about it.
set(BVIT_FLAGS_avx2 -O3 -mavx2 -mfma -mf16c
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> $<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized>)
set(BVIT_FLAGS_avx512 ${BVIT_FLAGS_avx2}
    -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vpopcntdq)
# g++ schedules before it has dealt out registers, and then spills counts.
set(BVIT_FLAGS_neon -O3 $<$<CXX_COMPILER_ID:GNU>:-fno-schedule-insns>)

set(BVIT_KERNEL_SOURCES
    ${BVIT_KERNEL_FOLDER}/../isa/cpu_x86.cc
    ${BVIT_KERNEL_FOLDER}/../isa/cpu_arm.cc
    ${BVIT_KERNEL_FOLDER}/../isa/cpu_other.cc
    ${BVIT_KERNEL_FOLDER}/kernels.cc
    ${BVIT_KERNEL_FOLDER}/bgemm/pack_weights.cc
    ${BVIT_KERNEL_FOLDER}/tile/frequent.cc
    ${BVIT_KERNEL_FOLDER}/tile/patches.cc)

foreach(isa ${BVIT_ISAS})
  foreach(kernel bgemm sign tile)
    set(file ${BVIT_KERNEL_FOLDER}/${kernel}/${kernel}_${isa}.cc)
    list(APPEND BVIT_KERNEL_SOURCES ${file})
    set_source_files_properties(${file} PROPERTIES COMPILE_OPTIONS "${BVIT_FLAGS_${isa}}")
  endforeach()
endforeach()

# Exact kernels never contract a multiplication and an addition; fused tiles may.
foreach(isa ${BVIT_ISAS})
  set_property(SOURCE ${BVIT_KERNEL_FOLDER}/tile/tile_${isa}.cc APPEND PROPERTY COMPILE_OPTIONS
               -ffp-contract=fast)
endforeach()
