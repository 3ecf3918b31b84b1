internal import Glibc

/// Tells systemd (or whoever set `NOTIFY_SOCKET`) how the daemon is doing: one datagram a word, as sd_notify(3) describes.
///
/// Without the variable it says nothing. Never blocks and never fails: the daemon does not depend on being heard.
struct ServiceManager {
  private let descriptor: Int32
  private let address: [UInt8]
  /// How long the watchdog may go without a word, in nanoseconds; nil: there is none.
  let watchdog: Int64?

  init(_ variable: (String) -> String? = { getenv($0).map { String(cString: $0) } }) {
    var path = Array((variable("NOTIFY_SOCKET") ?? "").utf8)
    let isAbstract = path.first == UInt8(ascii: "@")
    guard isAbstract || path.first == UInt8(ascii: "/"), path.count < 108 else {
      (descriptor, address, watchdog) = (-1, [], nil)
      return
    }
    // A name that is in no file system begins with a zero byte.
    if isAbstract { path[0] = 0 }
    address = path
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    let isMine = variable("WATCHDOG_PID").flatMap { Int32($0) }.map { $0 == getpid() } ?? true
    let time = variable("WATCHDOG_USEC").flatMap { Int64($0) } ?? 0
    watchdog = isMine && time > 0 && time < 1 << 40 ? time * 1000 : nil
  }

  /// The port is open, and strangers were proved to be refused.
  func ready(_ status: String) { say("READY=1\nSTATUS=\(status)") }

  func stopping() { say("STOPPING=1") }

  func alive() { say("WATCHDOG=1") }

  private func say(_ text: String) {
    guard descriptor >= 0 else { return }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: address) }
    // The length tells where an abstract name ends.
    let size = socklen_t(MemoryLayout<sa_family_t>.size + address.count)
    let bytes = Array(text.utf8)
    withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, size)
      }
    }
  }
}
