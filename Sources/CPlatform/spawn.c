#define _GNU_SOURCE
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct failure {
  int stage;
  int error;
};

// Only async-signal-safe calls from here to exec: other threads of the parent may have held any lock at the fork.

static void fail(int report, int stage) {
  struct failure failure = {stage, errno};
  ssize_t written = write(report, &failure, sizeof failure);
  (void)written;
  _exit(127);
}

static void default_signals(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigemptyset(&action.sa_mask);
  for (int number = 1; number < NSIG; number++) sigaction(number, &action, NULL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

// A descriptor that another library forgot to mark would keep a pipe or a port open in the child.
static void close_on_exec_from(unsigned first) {
#ifdef SYS_close_range
  syscall(SYS_close_range, first, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
#endif
}

static void run_child(const struct casus_spawn_request *request, pid_t parent, int report) {
  setpgid(0, 0);
  if (request->death_signal != 0) {
    prctl(PR_SET_PDEATHSIG, request->death_signal);
    if (getppid() != parent) _exit(127);  // it died before the line above
  }
  default_signals();
  int input = open(request->input ? request->input : "/dev/null", O_RDONLY | O_CLOEXEC);
  if (input < 0) fail(report, CASUS_SPAWN_INPUT);
  // Moved out of the way first: a caller without its own standard streams may hold 0, 1 or 2 here.
  int high_input = fcntl(input, F_DUPFD_CLOEXEC, 3);
  int high_output = fcntl(request->output, F_DUPFD_CLOEXEC, 3);
  int high_errors = fcntl(request->errors, F_DUPFD_CLOEXEC, 3);
  if (high_input < 0 || high_output < 0 || high_errors < 0) fail(report, CASUS_SPAWN_DESCRIPTORS);
  if (dup2(high_input, 0) < 0 || dup2(high_output, 1) < 0 || dup2(high_errors, 2) < 0)
    fail(report, CASUS_SPAWN_DESCRIPTORS);
  if (request->directory && chdir(request->directory) != 0) fail(report, CASUS_SPAWN_DIRECTORY);
  close_on_exec_from(3);
  execve(request->program, request->arguments, request->environment);
  fail(report, CASUS_SPAWN_EXEC);
}

int casus_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return 0;
}

int casus_spawn(const struct casus_spawn_request *request, pid_t *pid, int *stage) {
  int report[2];
  *stage = CASUS_SPAWN_FORK;
  if (pipe2(report, O_CLOEXEC) != 0) return errno;
  if (report[1] < 3) {
    // Would be overwritten by the standard streams.
    int moved = fcntl(report[1], F_DUPFD_CLOEXEC, 3);
    int error = errno;
    close(report[1]);
    if (moved < 0) {
      close(report[0]);
      return error;
    }
    report[1] = moved;
  }

  // No handler of ours may run in the child: it would write to the parent's signal pipe.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t parent = getpid();
  pid_t child = fork();
  int fork_error = errno;
  if (child == 0) run_child(request, parent, report[1]);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(report[1]);
  if (child < 0) {
    close(report[0]);
    return fork_error;
  }
  setpgid(child, child);  // in both, so that it holds for whichever runs on first; fails after exec, harmlessly

  struct failure failure = {0, 0};
  ssize_t got;
  do got = read(report[0], &failure, sizeof failure);
  while (got < 0 && errno == EINTR);
  close(report[0]);
  if (got == (ssize_t)sizeof failure) {
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {}
    *stage = failure.stage;
    return failure.error ? failure.error : EINVAL;
  }
  *pid = child;
  *stage = CASUS_SPAWN_OK;
  return 0;
}

// The keeper

enum { KEEPER_GROUPS = 4096 };

static void keep(int told) {
  static int32_t groups[KEEPER_GROUPS];
  int count = 0;
  for (;;) {
    int32_t message;
    ssize_t got = read(told, &message, sizeof message);
    if (got < 0 && errno == EINTR) continue;
    if (got != (ssize_t)sizeof message) break;
    int32_t group = message < 0 ? -message : message;
    for (int i = 0; i < count; i++)
      if (groups[i] == group) groups[i--] = groups[--count];
    if (message > 0 && count < KEEPER_GROUPS) groups[count++] = group;
  }
  for (int i = 0; i < count; i++) kill(-groups[i], SIGKILL);
  _exit(0);
}

int casus_keeper_start(pid_t *pid) {
  int told[2];
  if (pipe2(told, O_CLOEXEC) != 0) return -errno;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t child = fork();
  int error = errno;
  if (child == 0) {
    setsid();                              // a Ctrl-C is not for the keeper
    prctl(PR_SET_NAME, "casus-keeper");    // nor is a `killall casus`
    int high = fcntl(told[0], F_DUPFD, 3);
    if (high < 0) _exit(127);
    dup2(high, 3);
    // Standard streams too: whoever waits for their end must not wait for the keeper.
    for (int descriptor = 0; descriptor < 3; descriptor++) close(descriptor);
#ifdef SYS_close_range
    if (syscall(SYS_close_range, 4u, ~0u, 0) != 0)
#endif
      for (int descriptor = 4; descriptor < 1024; descriptor++) close(descriptor);
    keep(3);
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  close(told[0]);
  if (child < 0) {
    close(told[1]);
    return -error;
  }
  *pid = child;
  return told[1];
}

static int tell(int keeper, int32_t message) {
  ssize_t written;
  do written = write(keeper, &message, sizeof message);
  while (written < 0 && errno == EINTR);
  return written == (ssize_t)sizeof message ? 0 : errno;
}

int casus_keeper_add(int keeper, pid_t group) { return tell(keeper, (int32_t)group); }
int casus_keeper_remove(int keeper, pid_t group) { return tell(keeper, -(int32_t)group); }

// Signals as bytes

// The pipe's ends. A handler may run on one thread while another closes them, so the end it writes to is atomic, and
// handlers are counted.
static int signal_in = -1;
static atomic_int signal_out = -1;
static atomic_int signals_routed;
static const int routed[] = {SIGINT, SIGTERM, SIGHUP, SIGCHLD};

static void route(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  atomic_fetch_add(&signals_routed, 1);
  int end = atomic_load(&signal_out);
  // A full pipe loses nothing: its reader has not yet looked at the signals before this one.
  ssize_t written = end >= 0 ? write(end, &byte, 1) : 0;
  (void)written;
  atomic_fetch_sub(&signals_routed, 1);
  errno = saved;
}

int casus_signals_open(void) {
  int ends[2];
  if (signal_in >= 0) return -EBUSY;
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return -errno;
  signal_in = ends[0];
  atomic_store(&signal_out, ends[1]);
  struct sigaction action = {.sa_handler = route, .sa_flags = SA_RESTART};
  sigfillset(&action.sa_mask);
  for (unsigned i = 0; i < sizeof routed / sizeof *routed; i++) sigaction(routed[i], &action, NULL);
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  sigaction(SIGPIPE, &ignore, NULL);
  return ends[0];
}

void casus_signals_close(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigemptyset(&action.sa_mask);
  for (unsigned i = 0; i < sizeof routed / sizeof *routed; i++) sigaction(routed[i], &action, NULL);
  if (signal_in < 0) return;
  int out = atomic_exchange(&signal_out, -1);
  // A handler under way on another thread must not write to what the number stands for next.
  while (atomic_load(&signals_routed) > 0) sched_yield();
  close(out);
  close(signal_in);
  signal_in = -1;
}
