/// Z85: four bytes as five printable characters (ZeroMQ RFC 32). Strict: what it decodes, it encodes to the same text.
public enum Z85 {
  private static let alphabet: [UInt8] = Array(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8)

  /// The value of each byte as a digit; 255 for a byte that is none.
  private static let digits: [UInt8] = {
    var digits = [UInt8](repeating: 255, count: 256)
    for (value, character) in alphabet.enumerated() { digits[Int(character)] = UInt8(value) }
    return digits
  }()

  /// - Precondition: the count is a multiple of 4.
  public static func encode(_ bytes: [UInt8]) -> String {
    precondition(bytes.count % 4 == 0, "Z85 encodes whole groups of four bytes")
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count / 4 * 5)
    for start in stride(from: 0, to: bytes.count, by: 4) {
      var value = bytes[start..<start + 4].reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
      var group = [UInt8](repeating: 0, count: 5)
      for place in (0..<5).reversed() {
        group[place] = alphabet[Int(value % 85)]
        value /= 85
      }
      text += group
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil when the length is no multiple of 5, a character isn't of the alphabet, or a group is over 2^32 - 1.
  public static func decode(_ text: String) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count % 5 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 5 * 4)
    for start in stride(from: 0, to: characters.count, by: 5) {
      var value: UInt64 = 0
      for character in characters[start..<start + 5] {
        let digit = digits[Int(character)]
        guard digit != 255 else { return nil }
        value = value * 85 + UInt64(digit)
      }
      guard let group = UInt32(exactly: value) else { return nil }
      for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: group >> shift)) }
    }
    return bytes
  }
}
