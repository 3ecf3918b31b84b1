internal import CasusEvents

/// Which journal it is: 16 random bytes, written as 32 hexadecimal digits. Made once, with the journal, and kept by all that
/// belongs to it, so that nothing of another one is taken for its own. A small plain value.
public struct JournalID: Hashable, Sendable, CustomStringConvertible {
  static let size = 16
  let bytes: [UInt8]

  /// A new one, which no other journal has.
  init() {
    var random = SystemRandomNumberGenerator()
    bytes = (0..<Self.size).map { _ in UInt8.random(in: 0...255, using: &random) }
  }

  init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.size else { return nil }
    self.bytes = Array(bytes)
  }

  /// Nil for what are not 32 lower-case hexadecimal digits.
  public init?(_ text: some StringProtocol) {
    let digits = Array(text.utf8)
    guard digits.count == 2 * Self.size else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let high = Self.value(digits[place]), let low = Self.value(digits[place + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    self.bytes = bytes
  }

  public var description: String { hexText(bytes) }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 48...57: digit - 48
    case 97...102: digit - 87
    default: nil
    }
  }
}
