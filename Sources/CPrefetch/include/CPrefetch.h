#pragma once

/// Asks the processor to begin fetching the cache line at an address, which may be any: nothing is read and nothing can
/// fail. Swift has no word for it.
static inline void casus_prefetch(const void *address) { __builtin_prefetch(address); }
