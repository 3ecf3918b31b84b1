#include "memory.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

void casus_memory_keep(void) {
  // Blocks from 4 MB on have mappings of their own, which go back when they are freed.
  mallopt(M_MMAP_THRESHOLD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 8 << 20);
}

int64_t casus_memory_resident(void) {
  int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[128];
  ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  if (count <= 0) return 0;
  text[count] = 0;
  // The size of all, then what is resident, in pages.
  char *next;
  strtoll(text, &next, 10);
  return strtoll(next, NULL, 10) * sysconf(_SC_PAGESIZE);
}
