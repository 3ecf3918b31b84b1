internal import CPlatform
internal import Glibc
import Synchronization

/// Hands news from any thread to the launcher's loop, which sleeps in `poll` on `descriptor`.
final class Mailbox: Sendable {
  /// Readable while there may be news; the loop's to poll, this object's to close.
  let descriptor: Int32
  private let doorbell: Int32
  private let connected = Mutex<Set<String>>([])

  init() throws(LaunchError) {
    var ends: [Int32] = [-1, -1]
    let failure = casus_pipe(&ends)
    guard failure == 0 else { throw .init(.system, "no pipe: \(Files.message(failure))") }
    descriptor = ends[0]
    doorbell = ends[1]
    _ = fcntl(doorbell, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(descriptor)
    close(doorbell)
  }

  /// The plugins that the broker sees connected.
  func report(connected names: Set<String>) {
    let isNew = connected.withLock { known in
      defer { known = names }
      return known != names
    }
    guard isNew else { return }
    var byte: UInt8 = 1
    // A full pipe means that the loop has been rung already.
    _ = write(doorbell, &byte, 1)
  }

  func collect() -> Set<String> {
    var bytes = [UInt8](repeating: 0, count: 256)
    while read(descriptor, &bytes, bytes.count) > 0 {}
    return connected.withLock { $0 }
  }
}
