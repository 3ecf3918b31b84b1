import Glibc

/// An IPv4 or IPv6 address; an IPv4 address mapped into IPv6 counts as the IPv4 address.
public struct Address: Hashable, Sendable {
  /// 4 or 16 bytes.
  public var bytes: [UInt8]

  public init?(_ text: String) {
    var four = in_addr()
    var sixteen = in6_addr()
    if inet_pton(AF_INET, text, &four) == 1 {
      bytes = withUnsafeBytes(of: &four) { Array($0) }
    } else if inet_pton(AF_INET6, text, &sixteen) == 1 {
      bytes = withUnsafeBytes(of: &sixteen) { Array($0) }
      if bytes[..<10].allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF { bytes = Array(bytes[12...]) }
    } else {
      return nil
    }
  }
}

/// A network, `10.30.1.0/24`, or one address, `10.30.1.10`.
public struct AddressRange: Hashable, Sendable {
  public var address: Address
  public var bits: Int

  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = Address(String(parts[0])) else { return nil }
    self.address = address
    bits = address.bytes.count * 8
    if parts.count == 2 {
      guard let given = Int(parts[1]), given >= 0, given <= bits else { return nil }
      bits = given
    }
  }

  public func contains(_ other: Address) -> Bool {
    guard other.bytes.count == address.bytes.count else { return false }
    for index in 0..<bits where (address.bytes[index / 8] ^ other.bytes[index / 8]) << (index % 8) & 0x80 != 0 {
      return false
    }
    return true
  }
}
