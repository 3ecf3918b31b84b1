#include "CMCAP.h"
#include <dlfcn.h>
#include <pthread.h>

// Casus writes lz4 only; other tools write zstd, and their files should open where the library is at hand.
typedef size_t (*decompress_function)(void *, size_t, const void *, size_t);
typedef unsigned (*is_error_function)(size_t);

static decompress_function decompress;
static is_error_function is_error;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void load(void) {
  void *library = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return;
  is_error = (is_error_function)dlsym(library, "ZSTD_isError");
  decompress = (decompress_function)dlsym(library, "ZSTD_decompress");
}

int casus_zstd_available(void) {
  pthread_once(&once, load);
  return decompress && is_error;
}

long long casus_zstd_decompress(void *to, size_t capacity, const void *from, size_t count) {
  if (!casus_zstd_available()) return -1;
  size_t written = decompress(to, capacity, from, count);
  return is_error(written) ? -1 : (long long)written;
}
