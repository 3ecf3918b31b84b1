internal import CPlatform
internal import Glibc
internal import Synchronization

/// A thread of the system for code that blocks, such as the owner of a socket; it takes no signals.
///
/// Nothing that waits in libzmq or on a disk may run in Swift's cooperative pool: it has as many threads as cores.
public final class OwnedThread: Sendable {
  private let handle: Mutex<pthread_t?>

  /// Starts `body` on a new thread. `name` shows in `top -H` and debuggers (15 bytes).
  public init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let box = Unmanaged.passRetained(BodyBox(body))
    var thread = pthread_t()
    let code = casus_thread_start(
      &thread, name,
      { argument in
        if let argument { Unmanaged<BodyBox>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw SystemError(code, "start the thread", name)
    }
    handle = Mutex(thread)
  }

  /// Waits until the body has returned; what it did is then visible here. A second call returns at once. From the thread
  /// itself it returns at once, too.
  public func join() {
    let thread = handle.withLock { handle in
      defer { handle = nil }
      return handle
    }
    guard let thread else { return }
    if pthread_equal(thread, pthread_self()) != 0 { pthread_detach(thread) } else { pthread_join(thread, nil) }
  }

  deinit {
    if let thread = handle.withLock({ $0 }) { pthread_detach(thread) }
  }
}

private final class BodyBox: Sendable {
  let body: @Sendable () -> Void
  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}
