#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Lets the allocator keep what is freed for the next use, up to some megabytes, instead of giving it back to the kernel and
/// asking again: a process that moves large messages all the time spends a tenth of it on fresh pages. For a program's start,
/// before there are threads; a library leaves it to its program.
void casus_memory_keep(void);

/// Whether one byte is followed by another at some distance, anywhere in some bytes: a first look for a text, many bytes at a time,
/// where `memmem` would look at each.
bool casus_memory_has_pair(const void *bytes, size_t count, uint8_t first, size_t distance, uint8_t second);

/// What this process has resident, in bytes; 0 when the kernel does not tell. Three system calls.
int64_t casus_memory_resident(void);
