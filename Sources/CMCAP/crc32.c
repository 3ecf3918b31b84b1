#include "CMCAP.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// Bits are kept reflected, as zlib does: bit 0 of a byte is the highest power of x.
#define POLYNOMIAL 0xEDB88320u

static uint32_t tables[8][256];
#if defined(__x86_64__)
static int has_clmul;
static uint64_t fold_512[2], fold_128[2];

// x^n mod P, reflected, and shifted by one because a carry-less product of two reflected 64-bit
// numbers comes out one place low.
static uint64_t power_of_x(unsigned n) {
  uint32_t r = 0x80000000u;
  for (unsigned i = 0; i < n; i++) r = (r >> 1) ^ (r & 1 ? POLYNOMIAL : 0);
  return (uint64_t)r << 1;
}
#endif

__attribute__((constructor)) static void prepare(void) {
  for (uint32_t i = 0; i < 256; i++) {
    uint32_t r = i;
    for (int bit = 0; bit < 8; bit++) r = (r >> 1) ^ (r & 1 ? POLYNOMIAL : 0);
    tables[0][i] = r;
  }
  for (int i = 0; i < 256; i++)
    for (int k = 1; k < 8; k++)
      tables[k][i] = (tables[k - 1][i] >> 8) ^ tables[0][tables[k - 1][i] & 0xFF];
#if defined(__x86_64__)
  // Moving a 128-bit register d bits along the message multiplies its halves by x^(d+32) and x^(d-32).
  fold_512[0] = power_of_x(512 + 32);
  fold_512[1] = power_of_x(512 - 32);
  fold_128[0] = power_of_x(128 + 32);
  fold_128[1] = power_of_x(128 - 32);
  __builtin_cpu_init();
  has_clmul = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
#endif
}

// `r` is the running register, that is the CRC without its last inversion.
static uint32_t by_tables(uint32_t r, const uint8_t *p, size_t n) {
  while (n >= 8) {
    uint64_t word;
    memcpy(&word, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    word ^= r;
    r = tables[7][word & 0xFF] ^ tables[6][(word >> 8) & 0xFF] ^ tables[5][(word >> 16) & 0xFF] ^
        tables[4][(word >> 24) & 0xFF] ^ tables[3][(word >> 32) & 0xFF] ^ tables[2][(word >> 40) & 0xFF] ^
        tables[1][(word >> 48) & 0xFF] ^ tables[0][word >> 56];
    p += 8;
    n -= 8;
  }
  while (n--) r = (r >> 8) ^ tables[0][(r ^ *p++) & 0xFF];
  return r;
}

uint32_t casus_crc32_tables(uint32_t crc, const void *bytes, size_t count) {
  return ~by_tables(~crc, bytes, count);
}

#if defined(__x86_64__)
__attribute__((target("pclmul,sse4.1"))) static inline __m128i fold(__m128i x, __m128i by, __m128i next) {
  return _mm_xor_si128(_mm_xor_si128(_mm_clmulepi64_si128(x, by, 0x00), _mm_clmulepi64_si128(x, by, 0x11)), next);
}

// Four registers walk the message 64 bytes at a time, are folded into one, and the sixteen bytes left,
// which are congruent to everything read so far, go through the tables (n >= 64).
__attribute__((target("pclmul,sse4.1"))) static uint32_t by_clmul(uint32_t r, const uint8_t *p, size_t n) {
  const __m128i far = _mm_set_epi64x((long long)fold_512[1], (long long)fold_512[0]);
  const __m128i near = _mm_set_epi64x((long long)fold_128[1], (long long)fold_128[0]);
  __m128i a = _mm_xor_si128(_mm_loadu_si128((const __m128i *)p), _mm_cvtsi32_si128((int)r));
  __m128i b = _mm_loadu_si128((const __m128i *)(p + 16));
  __m128i c = _mm_loadu_si128((const __m128i *)(p + 32));
  __m128i d = _mm_loadu_si128((const __m128i *)(p + 48));
  p += 64;
  n -= 64;
  while (n >= 64) {
    a = fold(a, far, _mm_loadu_si128((const __m128i *)p));
    b = fold(b, far, _mm_loadu_si128((const __m128i *)(p + 16)));
    c = fold(c, far, _mm_loadu_si128((const __m128i *)(p + 32)));
    d = fold(d, far, _mm_loadu_si128((const __m128i *)(p + 48)));
    p += 64;
    n -= 64;
  }
  a = fold(fold(fold(a, near, b), near, c), near, d);
  while (n >= 16) {
    a = fold(a, near, _mm_loadu_si128((const __m128i *)p));
    p += 16;
    n -= 16;
  }
  uint8_t rest[16];
  _mm_storeu_si128((__m128i *)rest, a);
  return by_tables(by_tables(0, rest, 16), p, n);
}
#endif

uint32_t casus_crc32(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
  if (has_clmul && count >= 64) return ~by_clmul(~crc, bytes, count);
#endif
  return ~by_tables(~crc, bytes, count);
}
