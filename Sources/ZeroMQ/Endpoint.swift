internal import Glibc

/// Where a broker listens or is connected to, as ZeroMQ writes it: `tcp://HOST:PORT` or `ipc://PATH`. A plain value; nothing
/// is looked up.
public struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  public enum Use: Sendable {
    /// Port 0 lets the system choose, and `*` is every address.
    case bind
    case connect
  }

  public enum Place: Hashable, Sendable {
    /// Every address of this machine.
    case any(port: Int)
    /// `127.0.0.1`.
    case ipv4(String, port: Int)
    /// `::1`, without its brackets.
    case ipv6(String, port: Int)
    /// To be looked up.
    case name(String, port: Int)
    case ipc(String)
  }

  public let place: Place

  /// Why a text is no endpoint: a sentence that goes on after the text.
  public struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
  }

  public init(_ place: Place) { self.place = place }

  public init(_ text: String, for use: Use) throws(Fault) {
    if text.hasPrefix("ipc://") {
      place = .ipc(try Self.path(text.dropFirst(6)))
    } else if text.hasPrefix("tcp://") {
      place = try Self.tcp(text.dropFirst(6), use)
    } else {
      throw Fault("begins with neither tcp:// nor ipc://")
    }
  }

  private static func path(_ path: Substring) throws(Fault) -> String {
    guard path.hasPrefix("/") || path.hasPrefix("@") && path.utf8.count > 1 else {
      throw Fault("needs an absolute path: ipc:///run/casus/broker")
    }
    // sun_path of unix(7), and its closing zero.
    guard path.utf8.count <= 107 else {
      throw Fault("has a path of \(path.utf8.count) bytes; a socket's has at most 107")
    }
    return String(path)
  }

  private static func tcp(_ text: Substring, _ use: Use) throws(Fault) -> Place {
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else {
      throw Fault("has no port: tcp://HOST:PORT")
    }
    let host = String(text[..<colon])
    let digits = text[text.utf8.index(after: colon)...]
    if host.isEmpty { throw Fault("has no host: tcp://HOST:PORT") }
    if host.contains(":"), !host.hasPrefix("[") {
      throw Fault("has an IPv6 address without brackets: tcp://[::1]:PORT")
    }
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(digits), port <= 65_535
    else {
      throw Fault("has no port from 0 to 65535 at its end")
    }
    if port == 0, use == .connect { throw Fault("has port 0, which only a broker may ask for") }
    if host == "*" {
      guard use == .bind else { throw Fault("is every address of a machine: name one to connect to") }
      return .any(port: port)
    }
    if host.hasPrefix("[") {
      guard host.hasSuffix("]"), isIPv6(host.dropFirst().dropLast()) else {
        throw Fault("has no IPv6 address between its brackets")
      }
      return .ipv6(String(host.dropFirst().dropLast()), port: port)
    }
    if host.utf8.allSatisfy({ (48...57).contains($0) || $0 == UInt8(ascii: ".") }) {
      guard isIPv4(host[...]) else { throw Fault("has no IPv4 address: four numbers from 0 to 255") }
      return .ipv4(host, port: port)
    }
    guard isHostName(host) else { throw Fault("has no host's name: letters, digits, - and dots") }
    return .name(host, port: port)
  }

  private static func isIPv4(_ text: Substring) -> Bool {
    let numbers = text.split(separator: ".", omittingEmptySubsequences: false)
    return numbers.count == 4
      && numbers.allSatisfy { $0.count <= 3 && ($0.count == 1 || !$0.hasPrefix("0")) && UInt8($0) != nil }
  }

  /// RFC 4291, section 2.2, with a zone behind `%` (RFC 4007, section 11).
  private static func isIPv6(_ text: Substring) -> Bool {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2, parts[1].isEmpty || !isHostName(String(parts[1])) { return false }
    var halves: [Substring] = []
    var rest = parts[0]
    if let gap = rest.firstRange(of: "::") {
      halves = [rest[..<gap.lowerBound], rest[gap.upperBound...]]
      rest = halves[1]
      if rest.firstRange(of: "::") != nil || rest.hasPrefix(":") { return false }
    } else {
      halves = [rest]
    }
    var count = 0
    for (index, half) in halves.enumerated() where !half.isEmpty {
      var groups = half.split(separator: ":", omittingEmptySubsequences: false)
      if index == halves.count - 1, let last = groups.last, last.contains(".") {
        guard isIPv4(last) else { return false }
        groups.removeLast()
        count += 2
      }
      guard groups.allSatisfy({ (1...4).contains($0.utf8.count) && UInt16($0, radix: 16) != nil && $0.first != "+" })
      else {
        return false
      }
      count += groups.count
    }
    return halves.count == 2 ? count <= 7 : count == 8
  }

  private static func isHostName(_ text: String) -> Bool {
    text.utf8.count <= 253
      && text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy { label in
        (1...63).contains(label.count)
          && label.allSatisfy {
            $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") || (48...57).contains($0)
              || (65...90).contains($0 & 0xdf)
          }
      }
  }

  public var description: String {
    switch place {
    case .any(let port): "tcp://*:\(port)"
    case .ipv4(let address, let port): "tcp://\(address):\(port)"
    case .ipv6(let address, let port): "tcp://[\(address)]:\(port)"
    case .name(let name, let port): "tcp://\(name):\(port)"
    case .ipc(let path): "ipc://\(path)"
    }
  }

  /// Whether a socket that listens at one of the two leaves no room for another at the other. Names are not looked up, and two
  /// that let the system choose a port never meet.
  public func overlaps(_ other: Endpoint) -> Bool {
    guard let port, let otherPort = other.port else { return self == other }
    guard port == otherPort, port != 0 else { return false }
    switch (reach, other.reach) {
    case (.all, _), (_, .all): return true
    case (.allIPv4, .ipv4), (.ipv4, .allIPv4), (.allIPv4, .allIPv4): return true
    case (let one, let other): return one == other
    }
  }

  /// Which addresses an endpoint takes; `[::]` takes those of IPv4, too.
  private enum Reach: Hashable {
    case all, allIPv4
    case ipv4(String)
    case ipv6([UInt8])
    case name(String)
  }

  private var reach: Reach {
    switch place {
    case .any, .ipv4("0.0.0.0", _): return .allIPv4
    case .ipv4(let address, _): return .ipv4(address)
    case .ipv6(let address, _):
      let parts = address.split(separator: "%", maxSplits: 1)
      let bytes = Self.bytes(ofIPv6: String(parts[0]))
      return bytes.allSatisfy { $0 == 0 } ? .all : .ipv6(bytes + (parts.count == 2 ? Array(parts[1].utf8) : []))
    case .name(let name, _): return .name(name.lowercased())
    case .ipc(let path): return .name(path)
    }
  }

  private var port: Int? {
    switch place {
    case .any(let port), .ipv4(_, let port), .ipv6(_, let port), .name(_, let port): port
    case .ipc: nil
    }
  }

  /// An address has many spellings.
  private static func bytes(ofIPv6 text: String) -> [UInt8] {
    var address = in6_addr()
    guard inet_pton(AF_INET6, text, &address) == 1 else { return Array(text.utf8) }
    return withUnsafeBytes(of: &address) { Array($0) }
  }

  /// Reached from this machine alone.
  public var isLocal: Bool {
    switch place {
    case .ipv4(let address, _): address.hasPrefix("127.")
    case .ipv6(let address, _): address == "::1"
    case .ipc: true
    case .any, .name: false
    }
  }

  /// What a client on this machine connects to when a broker listens here: loopback for every address.
  public var fromThisMachine: Endpoint {
    switch place {
    case .any(let port), .ipv4("0.0.0.0", let port): Endpoint(.ipv4("127.0.0.1", port: port))
    case .ipv6("::", let port): Endpoint(.ipv6("::1", port: port))
    default: self
    }
  }
}
