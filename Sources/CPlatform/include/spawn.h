#pragma once
#include <sys/types.h>

// Starting processes that cannot outlive the one that started them.
//
// Foundation's and posix_spawn's interfaces offer no PR_SET_PDEATHSIG, and a child that sets it itself has a window in
// which its parent may already be gone. Here the child sets it before exec and looks at its parent again.

/// Where between fork and exec a start failed.
enum casus_spawn_stage {
  CASUS_SPAWN_OK = 0,
  CASUS_SPAWN_FORK = 1,
  CASUS_SPAWN_DIRECTORY = 2,
  CASUS_SPAWN_INPUT = 3,
  CASUS_SPAWN_DESCRIPTORS = 4,
  CASUS_SPAWN_EXEC = 5,
};

struct casus_spawn_request {
  /// An absolute path; PATH is not searched.
  const char *program;
  /// Both end with NULL; `arguments[0]` is the program's name.
  char *const *arguments;
  char *const *environment;
  /// Working directory, or NULL to keep this one.
  const char *directory;
  /// A file to read as standard input, or NULL for /dev/null.
  const char *input;
  /// Descriptors that become standard output and standard error.
  int output;
  int errors;
  /// The signal that the kernel sends the child when the *thread* that called casus_spawn ends.
  int death_signal;
};

/// A pipe whose ends close on exec; the read end (`ends[0]`) does not block. Returns 0 or an errno.
int casus_pipe(int ends[2]);

/// Starts a process in a process group of its own, with default signal handling and no descriptor but the three
/// standard ones. Returns once exec has succeeded or failed: 0 with `*pid` set, or an errno with `*stage` saying where.
/// Call it from a thread that lives as long as the process shall.
int casus_spawn(const struct casus_spawn_request *request, pid_t *pid, int *stage);

/// Starts the keeper: a small process that kills the process groups it was told of when this process is gone, so that
/// the grandchildren of a killed launcher go too. Returns the descriptor to tell it by (closing it ends the keeper), or
/// a negative errno.
int casus_keeper_start(pid_t *pid);

/// Tells the keeper that a process group exists, or that it is gone. Returns 0 or an errno.
int casus_keeper_add(int keeper, pid_t group);
int casus_keeper_remove(int keeper, pid_t group);

/// Routes SIGINT, SIGTERM, SIGHUP and SIGCHLD to a pipe, one byte a signal (its number), and ignores SIGPIPE.
/// Returns the non-blocking read end, or a negative errno. Once per process.
int casus_signals_open(void);

/// Gives back default handling of the signals of casus_signals_open and closes its pipe.
void casus_signals_close(void);
