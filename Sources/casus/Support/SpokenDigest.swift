import CasusEvents

/// A digest as two people compare it over the telephone: groups of four hexadecimal digits, four groups a line.
enum SpokenDigest {
  static func lines(_ hex: String) -> [String] {
    let groups = Self.groups(hex)
    return stride(from: 0, to: groups.count, by: 4).map { start in
      groups[start..<min(start + 4, groups.count)].joined(separator: " ")
    }
  }

  static func beginning(_ hex: String) -> String { groups(hex).prefix(4).joined(separator: " ") }

  /// Of a public key as it is written: SHA-256, its first 96 bits. Somebody would have to make 2^96 keys to find one with the same.
  static func fingerprint(ofKey text: String) -> String {
    groups(sha256Hex(Array(text.utf8))).prefix(6).joined(separator: " ")
  }

  /// Whether a person wrote the same, with other spaces or in capitals.
  static func isSame(_ one: String, _ other: String) -> Bool {
    func digits(_ text: String) -> String { text.lowercased().filter { !$0.isWhitespace && $0 != "-" } }
    return digits(one) == digits(other)
  }

  private static func groups(_ hex: String) -> [String] {
    let digits = Array(hex)
    return stride(from: 0, to: digits.count, by: 4).map { String(digits[$0..<min($0 + 4, digits.count)]) }
  }
}
