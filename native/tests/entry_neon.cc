#include "kernels/bgemm/bgemm_tile_neon.h"
#include "tile_entry.h"

BVIT_MEMORY_TILE_ENTRY(neon)
