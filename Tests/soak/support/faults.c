// Preloaded into a real casusd, this library stands between it and its disk: it makes the Nth operation on the journal's
// folder fail or be the last one, fills the disk, makes syncs hang or lie, and can forget at a kill whatever was not truly
// synced, as a power cut does. Steered through a shared file of 32-bit words (`struct control`), which it maps.
//
//   cc -shared -fPIC -O1 -o faults.so faults.c
//   CASUS_FAULTS=control CASUS_FAULTS_FOLDER=/the/journal LD_PRELOAD=./faults.so casusd …
//
// What counts as truly on disk: a file's size at its last sync that was carried out; a name at its folder's last sync. What
// the process found at its start is on disk. Only what a journal does is modelled: appending, cutting, naming, removing.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum operation { op_write, op_sync, op_rename, op_directory, op_truncate, op_create, op_unlink, op_count };

struct control {
  uint32_t mask;       // operations that count, a bit each
  uint32_t at;         // the one that fails, from 1; 0: none
  uint32_t error;      // errno; 0: the process is killed instead
  uint32_t for_good;   // every later one fails too
  uint32_t after;      // killed after the operation, not before it
  uint32_t amnesia;    // a kill by this library forgets what was not synced
  uint32_t lie;        // syncs say yes and do nothing
  uint32_t full;       // no write finds room
  uint32_t hang;       // syncs wait while this is set, and while it is 1 questions for the disk's room, too
  uint32_t kill;       // die now
  uint32_t fired;      // out: how often it struck
  uint32_t seen;       // out: operations that counted
  uint32_t waiting;    // out: syncs that hang now
  uint32_t count[op_count];  // out: by operation
};

static struct control *control;
static char folder[PATH_MAX];
static size_t folder_length;
static char undo_folder[PATH_MAX];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int was_short;

// A file as it would be found after a power cut.
struct file {
  char path[PATH_MAX];
  off_t size;          // at its last true sync
  char *cut;           // what was cut off since, from `size` down to `cut_at`
  off_t cut_at;
};

// A change of names that is not synced.
struct change {
  enum operation kind;
  char from[PATH_MAX];
  char to[PATH_MAX];
  char saved[PATH_MAX];  // what stood there before, or ""
};

static struct file files[512];
static int file_count;
static struct change changes[1024];
static int change_count;
static int saved_count;

static int in_folder(const char *path) {
  return control && path && strncmp(path, folder, folder_length) == 0 &&
         (path[folder_length] == '/' || path[folder_length] == 0);
}

// The absolute path of a name as the process gives it.
static const char *absolute(const char *path, char *buffer) {
  if (path[0] == '/') return path;
  char here[PATH_MAX / 2];
  if (!getcwd(here, sizeof here)) return path;
  while (path[0] == '.' && path[1] == '/') path += 2;
  snprintf(buffer, PATH_MAX, "%s/%.2000s", here, path);
  char *dot;
  while ((dot = strstr(buffer, "/./"))) memmove(dot, dot + 2, strlen(dot + 2) + 1);
  return buffer;
}

static int path_of(int descriptor, char *buffer) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, buffer, PATH_MAX - 1);
  if (length < 0) return 0;
  buffer[length] = 0;
  return in_folder(buffer);
}

static struct file *find(const char *path) {
  for (int i = 0; i < file_count; i++)
    if (strcmp(files[i].path, path) == 0) return &files[i];
  return NULL;
}

// The first touch of a file: what it holds now is on disk.
static struct file *track(const char *path, off_t size) {
  struct file *file = find(path);
  if (file) return file;
  if (file_count == 512) abort();
  file = &files[file_count++];
  snprintf(file->path, PATH_MAX, "%s", path);
  file->size = size;
  file->cut = NULL;
  return file;
}

static void forget_file(const char *path) {
  struct file *file = find(path);
  if (!file) return;
  free(file->cut);
  *file = files[--file_count];
}

static void synced(const char *path, off_t size) {
  struct file *file = track(path, size);
  file->size = size;
  free(file->cut);
  file->cut = NULL;
}

static void add_change(enum operation kind, const char *from, const char *to, const char *victim) {
  if (change_count == 1024) abort();
  struct change *change = &changes[change_count++];
  change->kind = kind;
  snprintf(change->from, PATH_MAX, "%s", from);
  snprintf(change->to, PATH_MAX, "%s", to);
  change->saved[0] = 0;
  if (victim) {
    snprintf(change->saved, PATH_MAX, "%.4000s/%d-%d", undo_folder, getpid(), saved_count++);
    if (syscall(SYS_link, victim, change->saved) != 0) change->saved[0] = 0;
  }
}

static void names_synced(void) {
  for (int i = 0; i < change_count; i++)
    if (changes[i].saved[0]) syscall(SYS_unlink, changes[i].saved);
  change_count = 0;
}

// Puts the folder back to what is truly on disk.
static void forget(void) {
  for (int i = change_count - 1; i >= 0; i--) {
    struct change *change = &changes[i];
    struct file *file;
    switch (change->kind) {
    case op_rename:
      syscall(SYS_rename, change->to, change->from);
      if ((file = find(change->to))) snprintf(file->path, PATH_MAX, "%s", change->from);
      if (change->saved[0]) syscall(SYS_rename, change->saved, change->to);
      break;
    case op_create: syscall(SYS_unlink, change->to); break;
    case op_unlink:
      if (change->saved[0]) syscall(SYS_rename, change->saved, change->to);
      break;
    default: break;
    }
  }
  for (int i = 0; i < file_count; i++) {
    struct stat info;
    struct file *file = &files[i];
    if (syscall(SYS_stat, file->path, &info) != 0) continue;
    if (file->cut) {
      int descriptor = (int)syscall(SYS_open, file->path, O_WRONLY);
      if (descriptor >= 0) {
        if (syscall(SYS_pwrite64, descriptor, file->cut, file->size - file->cut_at, file->cut_at) < 0) abort();
        syscall(SYS_close, descriptor);
      }
    }
    if (info.st_size > file->size) syscall(SYS_truncate, file->path, file->size);
  }
}

__attribute__((noreturn)) static void die(void) {
  if (control->amnesia) forget();
  syscall(SYS_kill, getpid(), SIGKILL);
  for (;;) pause();
}

// With the lock held. Returns the error to give, or 0; kills when it is time. `undone` is for a kill after the operation.
static int strike(enum operation op, int *after) {
  control->count[op]++;
  *after = 0;
  if (!(control->mask >> op & 1)) return 0;
  uint32_t place = ++control->seen;
  if (!control->at || place < control->at || (place > control->at && !control->for_good)) return 0;
  control->fired++;
  if (control->error) return (int)control->error;
  if (!control->after) die();
  *after = 1;
  return 0;
}

__attribute__((noreturn)) static void *watch(void *unused) {
  (void)unused;
  for (;;) {
    struct timespec pause = {0, 1000000};
    nanosleep(&pause, NULL);
    if (!control->kill) continue;
    pthread_mutex_lock(&lock);
    die();
  }
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("CASUS_FAULTS");
  const char *watched = getenv("CASUS_FAULTS_FOLDER");
  if (!path || !watched) return;
  int descriptor = (int)syscall(SYS_open, path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) return;
  void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  syscall(SYS_close, descriptor);
  if (memory == MAP_FAILED) return;
  snprintf(folder, sizeof folder, "%s", watched);
  folder_length = strlen(folder);
  snprintf(undo_folder, sizeof undo_folder, "%.4000s.undo", path);
  mkdir(undo_folder, 0700);
  control = memory;
  pthread_t thread;
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pthread_create(&thread, NULL, watch, NULL);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
}

// Writing

static ssize_t write_part(int descriptor, const char *path, const struct iovec *parts, int count, off_t offset) {
  size_t total = 0;
  for (int i = 0; i < count; i++) total += parts[i].iov_len;
  pthread_mutex_lock(&lock);
  struct stat info;
  if (fstat(descriptor, &info) == 0) track(path, info.st_size);
  int after;
  int error = strike(op_write, &after);
  if (!error && control->full) {
    // A disk that fills up takes a part first.
    was_short = !was_short;
    error = was_short && total > 1 ? -1 : ENOSPC;
  }
  ssize_t done;
  if (error) {
    struct iovec half = {parts[0].iov_base, parts[0].iov_len / 2};
    done = error == -1 || error != ENOSPC ? pwritev(descriptor, &half, half.iov_len ? 1 : 0, offset) : 0;
    if (error != -1 || done <= 0) {
      done = -1;
      errno = error == -1 ? ENOSPC : error;
    }
  } else {
    done = syscall(SYS_pwritev, descriptor, parts, count, (unsigned long)offset, 0ul);
    if (after) die();
  }
  int saved = errno;
  pthread_mutex_unlock(&lock);
  errno = saved;
  return done;
}

ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
  char path[PATH_MAX];
  static __thread int inside;
  if (inside || !control || !path_of(descriptor, path))
    return syscall(SYS_pwritev, descriptor, parts, count, (unsigned long)offset, 0ul);
  inside = 1;
  ssize_t done = write_part(descriptor, path, parts, count, offset);
  inside = 0;
  return done;
}

ssize_t pwrite(int descriptor, const void *bytes, size_t count, off_t offset) {
  struct iovec part = {(void *)bytes, count};
  return pwritev(descriptor, &part, 1, offset);
}

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off_t offset) {
  return pwrite(descriptor, bytes, count, offset);
}

int ftruncate(int descriptor, off_t size) {
  char path[PATH_MAX];
  if (!control || !path_of(descriptor, path)) return (int)syscall(SYS_ftruncate, descriptor, size);
  pthread_mutex_lock(&lock);
  struct stat info;
  fstat(descriptor, &info);
  struct file *file = track(path, info.st_size);
  int after;
  int error = strike(op_truncate, &after);
  int result = -1;
  if (!error) {
    if (size < file->size && !file->cut) {
      file->cut = malloc((size_t)(file->size - size));
      file->cut_at = size;
      if (!file->cut || pread(descriptor, file->cut, (size_t)(file->size - size), size) < 0) abort();
    }
    result = (int)syscall(SYS_ftruncate, descriptor, size);
    if (after) die();
  }
  int saved = error ? error : errno;
  pthread_mutex_unlock(&lock);
  errno = saved;
  return result;
}

int ftruncate64(int descriptor, off_t size) { return ftruncate(descriptor, size); }

// Syncing

// A file server that does not answer answers no question either.
int statvfs(const char *path, struct statvfs *found) {
  char buffer[PATH_MAX];
  if (in_folder(absolute(path, buffer)))
    while (control->hang == 1) usleep(1000);
  int (*next)(const char *, struct statvfs *) = (int (*)(const char *, struct statvfs *))dlsym(RTLD_NEXT, "statvfs");
  return next(path, found);
}

static int sync_any(int descriptor, long call) {
  char path[PATH_MAX];
  if (!control || !path_of(descriptor, path)) return (int)syscall(call, descriptor);
  if (control->hang) {
    __atomic_add_fetch(&control->waiting, 1, __ATOMIC_SEQ_CST);
    while (control->hang) {
      struct timespec pause = {0, 2000000};
      nanosleep(&pause, NULL);
    }
    __atomic_sub_fetch(&control->waiting, 1, __ATOMIC_SEQ_CST);
  }
  struct stat info;
  if (fstat(descriptor, &info) != 0) return -1;
  int is_folder = S_ISDIR(info.st_mode);
  pthread_mutex_lock(&lock);
  int after;
  int error = strike(is_folder ? op_directory : op_sync, &after);
  pthread_mutex_unlock(&lock);
  if (error) {
    errno = error;
    return -1;
  }
  if (!control->lie) {
    if (syscall(call, descriptor) != 0) return -1;
    pthread_mutex_lock(&lock);
    // The size from before the call: what was written meanwhile may not be in it.
    if (is_folder) {
      names_synced();
    } else {
      synced(path, info.st_size);
    }
    pthread_mutex_unlock(&lock);
  }
  if (after) {
    pthread_mutex_lock(&lock);
    die();
  }
  return 0;
}

int fsync(int descriptor) { return sync_any(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return sync_any(descriptor, SYS_fdatasync); }

// Names

int rename(const char *from, const char *to) {
  char first[PATH_MAX], second[PATH_MAX];
  const char *old = absolute(from, first);
  const char *new = absolute(to, second);
  if (!control || !in_folder(new)) return (int)syscall(SYS_rename, from, to);
  pthread_mutex_lock(&lock);
  int after;
  int error = strike(op_rename, &after);
  int result = -1;
  if (!error) {
    add_change(op_rename, old, new, access(new, F_OK) == 0 ? new : NULL);
    result = (int)syscall(SYS_rename, from, to);
    forget_file(new);
    struct file *file = find(old);
    if (file) snprintf(file->path, PATH_MAX, "%s", new);
    if (after) die();
  }
  int saved = error ? error : errno;
  pthread_mutex_unlock(&lock);
  errno = saved;
  return result;
}

int unlink(const char *name) {
  char buffer[PATH_MAX];
  const char *path = absolute(name, buffer);
  if (!control || !in_folder(path) || access(path, F_OK) != 0) return (int)syscall(SYS_unlink, name);
  pthread_mutex_lock(&lock);
  int after;
  int error = strike(op_unlink, &after);
  int result = -1;
  if (!error) {
    add_change(op_unlink, path, path, path);
    result = (int)syscall(SYS_unlink, name);
    forget_file(path);
    if (after) die();
  }
  int saved = error ? error : errno;
  pthread_mutex_unlock(&lock);
  errno = saved;
  return result;
}

int open(const char *name, int flags, ...) {
  mode_t mode = 0;
  if (flags & (O_CREAT | O_TMPFILE)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  char buffer[PATH_MAX];
  const char *path = absolute(name, buffer);
  int is_new = (flags & O_CREAT) && access(path, F_OK) != 0;
  int is_emptied = !is_new && (flags & O_TRUNC);
  if (!control || !in_folder(path) || !(is_new || is_emptied))
    return (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
  pthread_mutex_lock(&lock);
  int after;
  int error = strike(op_create, &after);
  int descriptor = -1;
  if (!error) {
    if (is_new) add_change(op_create, path, path, NULL);
    descriptor = (int)syscall(SYS_openat, AT_FDCWD, name, flags, mode);
    // Emptied and not synced: what it held counts as gone, which a journal must stand.
    struct file *file = track(path, 0);
    file->size = 0;
    if (after) die();
  }
  int saved = error ? error : errno;
  pthread_mutex_unlock(&lock);
  errno = saved;
  return descriptor;
}

int open64(const char *name, int flags, ...) {
  mode_t mode = 0;
  if (flags & (O_CREAT | O_TMPFILE)) {
    va_list arguments;
    va_start(arguments, flags);
    mode = va_arg(arguments, mode_t);
    va_end(arguments);
  }
  return open(name, flags, mode);
}
