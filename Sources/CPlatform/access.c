#include "include/access.h"

#include <errno.h>
#include <sys/xattr.h>

ssize_t casus_access_list(int descriptor, uint8_t *bytes, size_t room) {
  ssize_t size = fgetxattr(descriptor, "system.posix_acl_access", bytes, room);
  if (size >= 0) return size;
  return errno == ENODATA || errno == ENOTSUP ? 0 : -errno;
}
