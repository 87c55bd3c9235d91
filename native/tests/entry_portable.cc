#include "kernels/bgemm/bgemm_tile_portable.h"
#include "tile_entry.h"

BVIT_MEMORY_TILE_ENTRY(portable)
