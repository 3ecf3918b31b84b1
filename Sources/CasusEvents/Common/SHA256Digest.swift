internal import CCrypto

/// A SHA-256 digest: 32 bytes in place, no allocation; a plain value.
public struct SHA256Digest: Hashable, Sendable {
  // Four words in the bytes' order, because a tuple of 32 bytes is neither Hashable nor quick to compare.
  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// The digest of some bytes.
  public init(of bytes: [UInt8]) {
    self = bytes.withUnsafeBytes { SHA256Digest(of: $0) }
  }

  public init(of bytes: UnsafeRawBufferPointer) {
    withUnsafeMutableBytes(of: &words) { digest in
      casus_sha256(bytes.baseAddress, bytes.count, digest.baseAddress?.assumingMemoryBound(to: UInt8.self))
    }
  }

  /// A digest from its 32 bytes; nil for any other count.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    withUnsafeMutableBytes(of: &words) { $0.copyBytes(from: bytes) }
  }

  /// A digest from its 64 hexadecimal digits, lower or upper case.
  public init?(hex: String) {
    guard let bytes = hexBytes(hex) else { return nil }
    self.init(bytes: bytes)
  }

  /// 64 lower-case hexadecimal digits.
  public var hex: String { withUnsafeBytes { hexText($0) } }

  public var bytes: [UInt8] { withUnsafeBytes { Array($0) } }

  public func withUnsafeBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try Swift.withUnsafeBytes(of: words, body)
  }

  public static func == (a: Self, b: Self) -> Bool { a.words == b.words }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}

extension SHA256Digest: CustomStringConvertible {
  public var description: String { hex }
}

/// The SHA-256 of some bytes as 64 lower-case hexadecimal digits.
public func sha256Hex(_ bytes: [UInt8]) -> String { SHA256Digest(of: bytes).hex }

/// Lower-case hexadecimal digits, two a byte.
public func hexText(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

/// The bytes of hexadecimal text; nil when it has an odd count or another character.
public func hexBytes(_ text: String) -> [UInt8]? {
  var bytes: [UInt8] = []
  var high: UInt8?
  for character in text.utf8 {
    let value: UInt8
    switch character {
    case 0x30...0x39: value = character - 0x30
    case 0x61...0x66: value = character - 0x61 + 10
    case 0x41...0x46: value = character - 0x41 + 10
    default: return nil
    }
    if let first = high {
      bytes.append(first << 4 | value)
      high = nil
    } else {
      high = value
    }
  }
  return high == nil ? bytes : nil
}

/// An id that follows from its parts alone, so that the same inputs give the same event again: the first 32
/// hexadecimal digits of SHA-256 over `kind` and the parts, each written as `<count of UTF-8 bytes>:<bytes>,`.
public func derivedID(_ kind: String, _ parts: String...) -> String { derivedID(kind, parts) }

/// As ``derivedID(_:_:)`` with the parts in an array.
public func derivedID(_ kind: String, _ parts: [String]) -> String {
  var bytes: [UInt8] = []
  for part in [kind] + parts {
    bytes += Array("\(part.utf8.count):".utf8) + Array(part.utf8) + [UInt8(ascii: ",")]
  }
  return String(sha256Hex(bytes).prefix(32))
}
