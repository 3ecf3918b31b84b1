#define OPENSSL_SUPPRESS_DEPRECATED
#include "CCrypto.h"

#if !__has_include(<openssl/sha.h>)
#error "libcrypto's headers are missing: apt-get install libssl-dev"
#endif
#include <openssl/sha.h>

// The low-level calls are marked deprecated in OpenSSL 3, but its EVP interface allocates for each digest,
// and the broker digests every event.
void casus_sha256(const void *bytes, size_t count, uint8_t digest[32]) {
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes, count);
  SHA256_Final(digest, &context);
}
