#pragma once

// Counts heap allocations of the calling thread, for tests that promise there are none.

#include <stdint.h>

// Allocations by this thread since it started; 0 for ever where the allocator can't be counted (see below).
uint64_t callocations_count(void);

// Whether counting works: not under a sanitizer, which brings its own allocator.
int callocations_work(void);
