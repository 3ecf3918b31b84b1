#pragma once

#include <stddef.h>
#include <sys/mman.h>

/// Asks the processor to begin fetching the cache line at an address, which may be any: nothing is read and nothing can
/// fail. Swift has no word for it.
static inline void casus_prefetch(const void *address) { __builtin_prefetch(address); }

/// Asks the kernel for large pages where it has some; it may say no, which changes nothing but the speed.
static inline void casus_use_large_pages(void *memory, size_t bytes) {
#ifdef MADV_HUGEPAGE
  madvise(memory, bytes, MADV_HUGEPAGE);
#else
  (void)memory;
  (void)bytes;
#endif
}
