// The C behind the MCAP module: CRC-32 by the processor's instructions, and zstd when the machine has it.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// CRC-32 with zlib's polynomial over `count` bytes, going on from `crc` (0 at the start).
/// Carry-less multiplication where the processor has it, eight tables otherwise. Thread-safe.
uint32_t casus_crc32(uint32_t crc, const void *bytes, size_t count);

/// The same by tables only: what the fast way is tested against.
uint32_t casus_crc32_tables(uint32_t crc, const void *bytes, size_t count);

/// 1 when libzstd.so.1 could be loaded (at run time, so that nobody needs it to build).
int casus_zstd_available(void);

/// Decompresses one or more whole zstd frames. Returns the number of bytes written, or -1 when the input is damaged,
/// does not fit into `capacity`, or zstd is not there.
long long casus_zstd_decompress(void *to, size_t capacity, const void *from, size_t count);
