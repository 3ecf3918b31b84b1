#pragma once
#include <stdint.h>
#include <sys/types.h>

/// Reads a file's POSIX access control list as the kernel keeps it (`system.posix_acl_access`: a version, then entries of a
/// tag, permissions and an id, little-endian). Returns its size in bytes, 0 where the file has none or its file system
/// knows none, or a negative errno.
ssize_t casus_access_list(int descriptor, uint8_t *bytes, size_t room);
