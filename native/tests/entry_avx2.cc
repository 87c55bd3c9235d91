#include "kernels/bgemm/bgemm_tile_avx2.h"
#include "tile_entry.h"

BVIT_MEMORY_TILE_ENTRY(avx2)
