/// A connection, as the ROUTER names it: a routing id of 1 to 7 bytes in one word. Compared and hashed as a number.
///
/// Plugins set no routing id, and the ones that libzmq makes are 5 bytes long; a longer one is nobody we serve.
public struct PeerID: Hashable, Sendable {
  /// The bytes from the lowest up, their count in the highest.
  public let word: UInt64

  /// Nil for an empty id or one of more than 7 bytes.
  public init?(_ bytes: UnsafeRawBufferPointer) {
    guard (1...7).contains(bytes.count) else { return nil }
    var word = UInt64(bytes.count) << 56
    for (place, byte) in bytes.enumerated() { word |= UInt64(byte) << (8 * UInt64(place)) }
    self.word = word
  }

  /// Length of the routing id, in bytes.
  public var count: Int { Int(word >> 56) }

  /// Calls `body` with the routing id's bytes.
  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    Swift.withUnsafeBytes(of: word.littleEndian) {
      body(UnsafeRawBufferPointer(rebasing: $0.prefix(count)))
    }
  }
}
