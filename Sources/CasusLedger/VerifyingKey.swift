internal import CCrypto
internal import CasusEvents

/// An Ed25519 public key: whom a policy trusts. 32 bytes, written as 64 lower-case hexadecimal digits; a plain value.
public struct VerifyingKey: Hashable, Sendable, CustomStringConvertible {
  public let bytes: [UInt8]

  /// Nil unless there are 32 bytes.
  public init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// Nil unless there are 64 hexadecimal digits.
  public init?(hex: String) {
    guard let bytes = hexBytes(hex) else { return nil }
    self.init(bytes: bytes)
  }

  public var hex: String { hexText(bytes) }

  /// The first 32 hexadecimal digits of SHA-256 over the key: how people and envelopes call it. Only a hint: what
  /// decides is always the key itself.
  public var keyid: String { String(sha256Hex(bytes).prefix(32)) }

  public var description: String { hex }

  /// Whether `signature` (64 bytes) is this key's on `message`. About 0.1 ms.
  public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
    guard signature.count == 64 else { return false }
    return message.withUnsafeBytes { message in
      casus_ed25519_verify(bytes, message.baseAddress, message.count, signature) == 1
    }
  }
}

extension VerifyingKey: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let key = VerifyingKey(hex: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "a public key has 64 hexadecimal digits")
    }
    self = key
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(hex)
  }
}
