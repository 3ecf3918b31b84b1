internal import CPlatform
internal import Glibc

/// A bell for a thread that waits in `poll` or a `Poller`: an `eventfd`. Thread-safe; ringing costs one system call.
public final class WakeUp: Sendable {
  /// Readable while the bell has rung and `clear()` wasn't called.
  public let fileDescriptor: Int32

  public init() throws(SystemError) {
    fileDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    guard fileDescriptor >= 0 else { throw SystemError(errno, "make a bell") }
  }

  deinit { close(fileDescriptor) }

  /// Wakes the waiting thread, now or when it next waits. Rings before the next `clear()` count as one.
  public func ring() {
    // It can fail only when 2^64-2 rings are pending, and then the bell has rung.
    _ = eventfd_write(fileDescriptor, 1)
  }

  /// Silences the bell. Clear first, look for work then: a ring in between is kept.
  public func clear() {
    var count: eventfd_t = 0
    _ = eventfd_read(fileDescriptor, &count)
  }
}
