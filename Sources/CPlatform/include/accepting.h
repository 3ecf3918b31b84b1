#pragma once
#include <stdint.h>

// How many connections this process takes, for a server whose library accepts them by itself, without a bound, and at the limit
// of open files tries again and again without a pause.
//
// The library calls `accept4`. A program that contains this module has its own, which takes the place of libc's: it accepts, and
// closes at once what there is no room for. Until `casus_accepting_bound` was called it is libc's, no more.

/// How long a handshake may take, for the server as for what is counted here.
enum { casus_handshake_seconds = 3 };

/// Descriptors of so many that are left for files: a quarter, and 128 at most. Those who are known come back also where the limit
/// is low.
int casus_accepting_reserve(int limit);

/// From now on a connection is closed at once when fewer descriptors than these would be left for files, or when its address
/// has more than `unproved` connections of the last `casus_handshake_seconds` that have not proved a key. One for which there is no
/// descriptor at all is closed with one that is kept for that; to the library it was gone before it was accepted.
void casus_accepting_bound(int unproved);

/// A connection of this address, as text, has proved its key.
void casus_accepting_proved(const char *address);

struct casus_accepting {
  /// Connections that were closed for want of descriptors, and because their address had too many without a key.
  uint64_t no_room;
  uint64_t unproved;
  /// The address of the last one of either kind; empty for one that has none.
  char last[46];
  /// How many descriptors the process may have now.
  int limit;
  /// Addresses whose connections are counted, or were within the last `casus_handshake_seconds` and a little.
  int addresses;
};

void casus_accepting_look(struct casus_accepting *found);
