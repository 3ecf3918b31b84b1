#pragma once
#include <stddef.h>
#include <stdint.h>

/// SHA-256 in one call, without allocating, with the processor's instructions where it has them.
void casus_sha256(const void *bytes, size_t count, uint8_t digest[32]);
