#pragma once

#include <pthread.h>

/// Starts a thread with every signal blocked that can be blocked, so that a signal lands on the thread that
/// waits for it and never as EINTR inside a socket call. `name` is cut to 15 bytes. Returns 0 or an errno.
int casus_thread_start(pthread_t *thread, const char *name, void *(*body)(void *), void *argument);

/// The id of the calling thread as a number that is never 0.
unsigned long casus_thread_self(void);
