import Foundation
import Glibc

/// A TCP connection that speaks whatever it is told, for those who do not keep to ZMTP.
final class RawTCP {
  private(set) var descriptor: Int32

  /// Connects to `tcp://127.0.0.1:PORT`.
  init(_ endpoint: String) throws {
    guard let port = endpoint.split(separator: ":").last.flatMap({ UInt16($0) }) else { throw Failure(endpoint) }
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard descriptor >= 0, code == 0 else { throw Failure("no connection: \(String(cString: strerror(errno)))") }
  }

  deinit { close() }

  func close() {
    if descriptor >= 0 { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  /// Sends as far as the other side lets it; false once that has hung up.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(
          descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      }
      guard count < 0, errno == EAGAIN else {
        guard count > 0 else { return false }
        sent += count
        continue
      }
      // A connection that was closed while its window was full ends for who waits in `send` after a minute only.
      var item = pollfd(fd: descriptor, events: Int16(POLLOUT) | Self.closedByPeer, revents: 0)
      if poll(&item, 1, 10_000) <= 0 || item.revents & Self.closedByPeer != 0 { return false }
    }
    return true
  }

  /// POLLRDHUP, which glibc declares for programs that ask for GNU's own names only.
  private static let closedByPeer: Int16 = 0x2000

  /// What came within the time; nil when the other side has hung up.
  func receive(milliseconds: Int32) -> [UInt8]? {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&item, 1, milliseconds) > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  /// Whether the other side hangs up; the bound is only so that a fault ends.
  func isHungUp(seconds: Int = 10) -> Bool {
    let deadline = Date().addingTimeInterval(Double(seconds))
    while Date() < deadline {
      if receive(milliseconds: 100) == nil { return true }
    }
    return false
  }
}

/// ZMTP 3.1's bytes, as RFC 37 gives them, and their abuse.
enum ZMTP {
  /// Signature, version, mechanism, as-server, filler: 64 bytes.
  static func greeting(_ mechanism: String, version: [UInt8] = [3, 1], asServer: UInt8 = 0) -> [UInt8] {
    let name = Array(mechanism.utf8.prefix(20))
    return [0xff] + [UInt8](repeating: 0, count: 8) + [0x7f] + version + name
      + [UInt8](repeating: 0, count: 20 - name.count) + [asServer] + [UInt8](repeating: 0, count: 31)
  }

  /// A command frame whose name stands before its data.
  static func command(_ name: String, _ data: [UInt8]) -> [UInt8] {
    let body = [UInt8(name.utf8.count)] + Array(name.utf8) + data
    guard body.count > 255 else { return [0x04, UInt8(body.count)] + body }
    return [0x06] + length(UInt64(body.count)) + body
  }

  /// The first bytes of a frame that promises `size` bytes.
  static func promise(_ size: UInt64, flags: UInt8) -> [UInt8] { [flags | 0x02] + length(size) }

  private static func length(_ size: UInt64) -> [UInt8] { withUnsafeBytes(of: size.bigEndian) { Array($0) } }
}
