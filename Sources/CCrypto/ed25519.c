#include "CCrypto.h"

#if !__has_include(<openssl/evp.h>)
#error "libcrypto's headers are missing: apt-get install libssl-dev"
#endif
#include <openssl/crypto.h>
#include <openssl/evp.h>

int casus_ed25519_generate(uint8_t seed[32], uint8_t public_key[32]) {
  EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
  if (!key) return 0;
  size_t seed_count = 32, public_count = 32;
  int done = EVP_PKEY_get_raw_private_key(key, seed, &seed_count) == 1 && seed_count == 32 &&
             EVP_PKEY_get_raw_public_key(key, public_key, &public_count) == 1 && public_count == 32;
  EVP_PKEY_free(key);
  return done;
}

int casus_ed25519_public_key(const uint8_t seed[32], uint8_t public_key[32]) {
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
  if (!key) return 0;
  size_t count = 32;
  int done = EVP_PKEY_get_raw_public_key(key, public_key, &count) == 1 && count == 32;
  EVP_PKEY_free(key);
  return done;
}

int casus_ed25519_sign(const uint8_t seed[32], const void *message, size_t count, uint8_t signature[64]) {
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, 32);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  size_t signature_count = 64;
  int done = key && context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
             EVP_DigestSign(context, signature, &signature_count, message, count) == 1 && signature_count == 64;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return done;
}

int casus_ed25519_verify(const uint8_t public_key[32], const void *message, size_t count, const uint8_t signature[64]) {
  EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, 32);
  EVP_MD_CTX *context = EVP_MD_CTX_new();
  int valid = key && context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestVerify(context, signature, 64, message, count) == 1;
  EVP_MD_CTX_free(context);
  EVP_PKEY_free(key);
  return valid;
}

void casus_wipe(void *bytes, size_t count) { OPENSSL_cleanse(bytes, count); }
