#pragma once
#include <stdint.h>

// What the kernel knows of this process's TCP connections, for a server whose library does not tell.

struct casus_connection {
  int descriptor;
  /// Of the socket: another connection that gets the same descriptor later has another one.
  uint64_t inode;
  /// Bytes that the peer has sent and the kernel has acknowledged, since the connection was made.
  uint64_t received;
};

/// Fills `found` with the established TCP connections of this process, at most `room` of them. Returns their number, or a
/// negative errno. Costs a few system calls a descriptor.
int casus_connections(struct casus_connection *found, int room);

/// Writes the address of a connection's peer as text, `127.0.0.1:40123`, into `text`: 64 bytes are enough.
void casus_connection_peer(int descriptor, char *text, int size);

/// The inode of a descriptor's socket, 0 when there is none.
uint64_t casus_connection_inode(int descriptor);

/// Ends a connection in both directions, whoever owns the descriptor; the owner finds it closed by its peer. Returns 0 or
/// an errno.
int casus_connection_end(int descriptor);
