import CasusEvents

/// Something that two pieces of evidence can have in common.
struct LinkKey: Codable, Hashable, Comparable, Sendable {
  enum Kind: Int, Codable, Hashable, Comparable, Sendable {
    /// The same operator of infrastructure is hit.
    case operatorName
    /// The same network, where no operator is known.
    case network
    /// The same asset of an operator.
    case asset
    /// The same host took part, as one end or the other.
    case host
    /// An address outside, a name, a file's digest or a mail's sender.
    case indicator

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  var kind: Kind
  /// Private addresses mean something only within this: an operator, or a sensor's agency. Empty for what is worldwide.
  var scope: String
  var value: String

  static func < (a: Self, b: Self) -> Bool { (a.kind, a.scope, a.value) < (b.kind, b.scope, b.value) }

  /// For people: why things belong together.
  var reason: String {
    switch kind {
    case .operatorName: "at the same operator, \(value)"
    case .network: "in the same network, \(value)"
    case .asset: "on the same asset, \(value)"
    case .host: "through the same host, \(value)"
    case .indicator: "share \(value)"
    }
  }
}

/// Whether an address belongs to the outside, where it means the same for everyone.
enum AddressScope {
  /// The four numbers of an IPv4 address in the usual form; nil for all else.
  static func ipv4(_ text: String) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    let numbers = parts.compactMap { UInt8($0) }
    return numbers.count == 4 ? numbers : nil
  }

  static func isAddress(_ text: String) -> Bool { ipv4(text) != nil || text.utf8.contains(UInt8(ascii: ":")) }

  /// Private, loopback, link-local, shared or multicast (RFC 1918, 6598, 3927, 4193, 4291).
  static func isLocal(_ text: String) -> Bool {
    if let ip = ipv4(text) {
      return ip[0] == 10 || ip[0] == 127 || ip[0] == 0 || ip[0] >= 224 || (ip[0] == 172 && ip[1] & 0xF0 == 16)
        || (ip[0] == 192 && ip[1] == 168) || (ip[0] == 169 && ip[1] == 254) || (ip[0] == 100 && ip[1] & 0xC0 == 64)
    }
    let lower = text.lowercased()
    return lower == "::1" || lower == "::"
      || ["fc", "fd", "fe8", "fe9", "fea", "feb", "ff"].contains { lower.hasPrefix($0) }
  }

  /// The network an address stands in, as the next best thing to knowing its operator: /24, or the first four groups.
  static func network(_ text: String) -> String {
    if let ip = ipv4(text) { return "\(ip[0]).\(ip[1]).\(ip[2]).0/24" }
    return text.split(separator: ":").prefix(4).joined(separator: ":") + "::/64"
  }
}
