#include "memory.h"

#include <malloc.h>

void casus_memory_keep(void) {
  // Blocks from 4 MB on have mappings of their own, which go back when they are freed.
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 8 << 20);
}
