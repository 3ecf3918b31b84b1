// Tells the thread sanitizer what Swift's Mutex does when two threads want it at once. Loaded before the tests
// (LD_PRELOAD), by Tests/soak/sanitizers only.
//
// A Mutex that nobody else holds is taken by an atomic operation in the caller's own, instrumented code, which the
// sanitizer understands. Where it is held, libswiftSynchronization.so takes and gives it by a system call
// (FUTEX_LOCK_PI), which the sanitizer does not see: it would report every access behind it. These two stand before the
// library's functions, call them, and say: here it was taken, here it is given.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

// The sanitizer's, where the process has it.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

typedef SWIFT void (*lock_function)(uint32_t thread, SELF void *mutex);
typedef SWIFT void (*unlock_function)(SELF void *mutex);

static lock_function real_lock;
static unlock_function real_unlock;

__attribute__((constructor)) static void find(void) {
  real_lock = (lock_function)dlsym(RTLD_NEXT, LOCK);
  real_unlock = (unlock_function)dlsym(RTLD_NEXT, UNLOCK);
}

SWIFT void casus_lock(uint32_t thread, SELF void *mutex) __asm__(LOCK);
SWIFT void casus_lock(uint32_t thread, SELF void *mutex) {
  if (!real_lock) find();
  real_lock(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void casus_unlock(SELF void *mutex) __asm__(UNLOCK);
SWIFT void casus_unlock(SELF void *mutex) {
  if (!real_unlock) find();
  if (__tsan_release) __tsan_release(mutex);
  real_unlock(mutex);
}
