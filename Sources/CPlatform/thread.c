#define _GNU_SOURCE
#include "thread.h"

#include <signal.h>
#include <string.h>

int casus_thread_start(pthread_t *thread, const char *name, void *(*body)(void *), void *argument) {
  sigset_t all, before;
  sigfillset(&all);
  // A fault raised by the thread itself must still end the process.
  sigdelset(&all, SIGSEGV);
  sigdelset(&all, SIGBUS);
  sigdelset(&all, SIGILL);
  sigdelset(&all, SIGFPE);
  sigdelset(&all, SIGTRAP);
  sigdelset(&all, SIGABRT);
  // The new thread inherits the mask, so there is no moment in which it could take a signal.
  int result = pthread_sigmask(SIG_SETMASK, &all, &before);
  if (result != 0) return result;
  result = pthread_create(thread, 0, body, argument);
  if (result == 0) {
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    pthread_setname_np(*thread, cut);
  }
  pthread_sigmask(SIG_SETMASK, &before, 0);
  return result;
}

unsigned long casus_thread_self(void) { return (unsigned long)pthread_self(); }
