#define _GNU_SOURCE
#include "include/accepting.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { places = 4096 };

struct address {
  unsigned char bytes[16];
};

// The connections of an address that began in a window of time and have not proved a key. A place is another address's when it has
// nothing to say any more; where all are taken, one more is not counted: nobody pays for another's connections.
struct count {
  struct address address;
  time_t begun;
  int unproved;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int is_bounded, most_unproved;
// Kept for the moment when there is no other: to accept what is to be closed.
static int spare = -1;
static struct count counts[places];
static struct casus_accepting state;

// An IPv4 address as IPv6 writes it. False for a connection that has none.
static int address_of(const struct sockaddr_storage *peer, struct address *found) {
  memset(found, 0, sizeof *found);
  if (peer->ss_family == AF_INET) {
    found->bytes[10] = found->bytes[11] = 0xff;
    memcpy(found->bytes + 12, &((const struct sockaddr_in *)peer)->sin_addr, 4);
    return 1;
  }
  if (peer->ss_family != AF_INET6) return 0;
  memcpy(found->bytes, &((const struct sockaddr_in6 *)peer)->sin6_addr, 16);
  return 1;
}

static void text_of(const struct sockaddr_storage *peer, char *text, socklen_t size) {
  text[0] = 0;
  if (peer->ss_family == AF_INET) inet_ntop(AF_INET, &((const struct sockaddr_in *)peer)->sin_addr, text, size);
  if (peer->ss_family == AF_INET6) inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)peer)->sin6_addr, text, size);
}

// Of an IPv6 address its network counts: whoever has one address there has all of them.
static void widen(struct address *address) {
  static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (memcmp(address->bytes, mapped, sizeof mapped) != 0) memset(address->bytes + 8, 0, 8);
}

// Null where all places are taken; or where the address has none and none is to be made for it.
static struct count *count_of(struct address address, time_t now, int makes) {
  widen(&address);
  uint32_t hash = 2166136261u;
  for (int i = 0; i < 16; i++) hash = (hash ^ address.bytes[i]) * 16777619u;
  struct count *free_one = NULL;
  for (uint32_t step = 0; step < 16; step++) {
    struct count *each = &counts[(hash + step) % places];
    if (each->begun != 0 && now - each->begun > casus_handshake_seconds) each->begun = 0;
    if (each->begun == 0) {
      if (free_one == NULL) free_one = each;
    } else if (memcmp(&each->address, &address, sizeof address) == 0) {
      return each;
    }
  }
  if (free_one == NULL || !makes) return NULL;
  free_one->address = address;
  free_one->begun = now;
  free_one->unproved = 0;
  return free_one;
}

static time_t steady(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  // Zero stands for no time.
  return now.tv_sec + 1;
}

static int limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 1 << 30) return 1 << 30;
  return (int)limit.rlim_cur;
}

static void keep_spare(void) {
  if (is_bounded && spare < 0) spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

// Closes a connection for which there is no descriptor: left waiting, it would be tried again without a pause. False where the
// process is not bounded.
static int turn_away(int listener) {
  pthread_mutex_lock(&lock);
  int has_closed = is_bounded;
  if (has_closed) {
    if (spare >= 0) close(spare);
    spare = -1;
    struct sockaddr_storage peer;
    memset(&peer, 0, sizeof peer);
    socklen_t size = sizeof peer;
    int descriptor = (int)syscall(SYS_accept4, listener, &peer, &size, SOCK_CLOEXEC);
    if (descriptor >= 0) {
      close(descriptor);
      state.no_room++;
      text_of(&peer, state.last, sizeof state.last);
    }
    keep_spare();
  }
  pthread_mutex_unlock(&lock);
  return has_closed;
}

// Whether a connection may stay. New descriptors are the lowest that are free: this one's number says how many there are.
static int may_stay(int descriptor, const struct sockaddr_storage *peer) {
  pthread_mutex_lock(&lock);
  int stays = 1;
  struct address address;
  // Of the limit as it is now, which may have been lowered.
  int most = limit();
  if (is_bounded && descriptor >= most - casus_accepting_reserve(most)) {
    state.no_room++;
    stays = 0;
  } else if (most_unproved > 0 && address_of(peer, &address)) {
    struct count *count = count_of(address, steady(), 1);
    if (count != NULL && count->unproved >= most_unproved) {
      state.unproved++;
      stays = 0;
    } else if (count != NULL) {
      count->unproved++;
    }
  }
  if (stays) keep_spare();
  if (!stays) text_of(peer, state.last, sizeof state.last);
  pthread_mutex_unlock(&lock);
  return stays;
}

int accept4(int listener, struct sockaddr *restrict address, socklen_t *restrict length, int flags) {
  struct sockaddr_storage peer;
  memset(&peer, 0, sizeof peer);
  socklen_t size = sizeof peer;
  int descriptor = (int)syscall(SYS_accept4, listener, &peer, &size, flags);
  if (descriptor < 0) {
    // The library's listener of local sockets ends the process at EMFILE, that of TCP tries again at once.
    int error = errno;
    errno = (error == EMFILE || error == ENFILE) && turn_away(listener) ? ECONNABORTED : error;
    return descriptor;
  }
  if (!may_stay(descriptor, &peer)) {
    close(descriptor);
    // As for a peer that is gone before it was accepted.
    errno = ECONNABORTED;
    return -1;
  }
  if (address != NULL && length != NULL) {
    memcpy(address, &peer, size < *length ? size : *length);
    *length = size;
  }
  return descriptor;
}

int casus_accepting_reserve(int limit) { return limit / 4 < 128 ? limit / 4 : 128; }

void casus_accepting_bound(int unproved) {
  pthread_mutex_lock(&lock);
  is_bounded = 1;
  most_unproved = unproved;
  keep_spare();
  pthread_mutex_unlock(&lock);
}

void casus_accepting_proved(const char *text) {
  struct address address;
  memset(&address, 0, sizeof address);
  address.bytes[10] = address.bytes[11] = 0xff;
  // A link-local one names its interface, too.
  char plain[INET6_ADDRSTRLEN];
  size_t length = strcspn(text, "%");
  if (length >= sizeof plain) return;
  memcpy(plain, text, length);
  plain[length] = 0;
  if (inet_pton(AF_INET, plain, address.bytes + 12) != 1 && inet_pton(AF_INET6, plain, address.bytes) != 1) return;
  pthread_mutex_lock(&lock);
  struct count *count = count_of(address, steady(), 0);
  if (count != NULL && count->unproved > 0) count->unproved--;
  pthread_mutex_unlock(&lock);
}

void casus_accepting_look(struct casus_accepting *found) {
  pthread_mutex_lock(&lock);
  *found = state;
  found->addresses = 0;
  for (int place = 0; place < places; place++) found->addresses += counts[place].begun != 0;
  pthread_mutex_unlock(&lock);
  found->limit = limit();
}
