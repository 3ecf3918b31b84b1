#pragma once
// libzmq's public C interface, as Debian ships it (4.3.4, no draft API), and the few Linux calls that Swift's
// Glibc module leaves out.
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <zmq.h>

// In 4.3.4 the header hides this option behind the draft switch, though the library as shipped knows it.
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

/// Starts a thread with every signal blocked that can be blocked, so that a signal lands on the thread that
/// waits for it and never as EINTR inside a socket call. `name` is cut to 15 bytes. Returns 0 or an errno.
int casus_thread_start(pthread_t *thread, const char *name, void *(*body)(void *), void *argument);

/// The id of the calling thread as a number that is never 0.
unsigned long casus_thread_self(void);
