#pragma once
#include <stddef.h>
#include <stdint.h>

/// SHA-256 in one call, without allocating, with the processor's instructions where it has them.
void casus_sha256(const void *bytes, size_t count, uint8_t digest[32]);

// Ed25519 (RFC 8032, pure) by libcrypto's EVP interface. Each call allocates; safe from any thread.

/// A new key from libcrypto's random generator: its 32-byte seed and its public key. Returns 1, or 0 on failure.
int casus_ed25519_generate(uint8_t seed[32], uint8_t public_key[32]);

/// The public key of a seed. Returns 1, or 0 on failure.
int casus_ed25519_public_key(const uint8_t seed[32], uint8_t public_key[32]);

/// Signs a message; the same seed and message give the same signature. Returns 1, or 0 on failure.
int casus_ed25519_sign(const uint8_t seed[32], const void *message, size_t count, uint8_t signature[64]);

/// Whether the signature is that of the key on the message: 1 yes, 0 no (or it could not be found out).
int casus_ed25519_verify(const uint8_t public_key[32], const void *message, size_t count, const uint8_t signature[64]);

/// Overwrites a secret in a way that the compiler doesn't remove.
void casus_wipe(void *bytes, size_t count);
