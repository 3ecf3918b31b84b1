internal import Glibc

/// POSIX's counting semaphore, at an address that does not move.
public final class Semaphore: @unchecked Sendable {  // sem_t is made for several threads
  private let raw: UnsafeMutablePointer<sem_t>

  public init() {
    raw = .allocate(capacity: 1)
    sem_init(raw, 0, 0)
  }

  deinit {
    sem_destroy(raw)
    raw.deallocate()
  }

  public func signal() { sem_post(raw) }

  public func wait() {
    while sem_wait(raw) != 0 {}
  }

  /// Whether it was signalled within the time.
  public func wait(seconds: Int) -> Bool {
    var deadline = timespec()
    clock_gettime(CLOCK_REALTIME, &deadline)
    deadline.tv_sec += seconds
    while sem_timedwait(raw, &deadline) != 0 {
      if errno != EINTR { return false }
    }
    return true
  }
}
