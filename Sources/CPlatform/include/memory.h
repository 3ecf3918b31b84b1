#pragma once

#include <stdint.h>

/// Lets the allocator keep what is freed for the next use, up to some megabytes, instead of giving it back to the kernel and
/// asking again: a process that moves large messages all the time spends a tenth of it on fresh pages. For a program's start,
/// before there are threads; a library leaves it to its program.
void casus_memory_keep(void);

/// What this process has resident, in bytes; 0 when the kernel does not tell. Three system calls.
int64_t casus_memory_resident(void);
