import Foundation
import Glibc
import Synchronization

/// Stands between one client and the broker, and keeps what the client said.
final class Recorder {
  let endpoint: String
  private let shared = Shared()
  private let thread: Thread

  private final class Shared: Sendable {
    let said = Mutex<[UInt8]>([])
    let isStopping = Atomic(false)
    let isStopped = Atomic(false)
  }

  init(to broker: String) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, size) == 0 && listen(listener, 1) == 0 ? getsockname(listener, $0, &size) : -1
      }
    }
    guard code == 0 else { throw Failure("no listener") }
    endpoint = "tcp://127.0.0.1:\(UInt16(bigEndian: address.sin_port))"
    let server = try RawTCP(broker)
    let box = Ends(listener: listener, server: server)
    let shared = shared
    thread = Thread { Self.run(box, shared) }
    thread.start()
  }

  /// Ends both connections; what the client said, from its greeting on.
  func stop() -> [UInt8] {
    shared.isStopping.store(true, ordering: .sequentiallyConsistent)
    while !shared.isStopped.load(ordering: .sequentiallyConsistent) { usleep(1_000) }
    return shared.said.withLock { $0 }
  }

  /// The thread's own once it runs.
  private struct Ends: @unchecked Sendable {
    let listener: Int32
    let server: RawTCP
  }

  private static func run(_ ends: Ends, _ shared: Shared) {
    let client = accept(ends.listener, nil, nil)
    defer {
      close(client)
      close(ends.listener)
      ends.server.close()
      shared.isStopped.store(true, ordering: .sequentiallyConsistent)
    }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while !shared.isStopping.load(ordering: .sequentiallyConsistent) {
      var items = [
        pollfd(fd: client, events: Int16(POLLIN), revents: 0),
        pollfd(fd: ends.server.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&items, 2, 10) > 0 else { continue }
      if items[0].revents != 0 {
        let count = recv(client, &buffer, buffer.count, 0)
        guard count > 0 else { return }
        shared.said.withLock { $0 += buffer[..<count] }
        guard ends.server.send(Array(buffer[..<count])) else { return }
      }
      if items[1].revents != 0 {
        let count = recv(ends.server.descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return }
        _ = buffer.withUnsafeBytes { Glibc.send(client, $0.baseAddress!, count, Int32(MSG_NOSIGNAL)) }
      }
    }
  }
}
