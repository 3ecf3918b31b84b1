/// YAML's anchors and aliases: nine lines of `b: &b [*a, *a, …]` are a value that no memory holds. Files that people
/// write for Casus hardly need them, so a file may have a few and no more.
package enum YAMLAliases {
  /// With so many, a file's value is a few hundred times its text at most.
  package static let most = 16

  /// Whether a text has an anchor and more aliases than that. Looks for what may be one outside of quotes, so that it
  /// finds each and may take a word of a plain text for one, but not a piece of a key: in a registry of a thousand
  /// plugins some of their keys look like it. Linear.
  package static func areTooMany(in text: some StringProtocol) -> Bool {
    let bytes = Array(text.utf8)
    var hasAnchor = false
    var aliases = 0
    var before = UInt8(ascii: "\n")
    var waiting: UInt8?
    var place = 0
    while place < bytes.count {
      let byte = bytes[place]
      if mayBegin(after: before), isQuotedKey(bytes[place...]) { place += keyLength + 1 }
      place += 1
      if let mark = waiting, byte > 0x20 {
        if mark == UInt8(ascii: "&") { hasAnchor = true } else { aliases += 1 }
      }
      let isMark = byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*")
      waiting = isMark && mayBegin(after: before) ? byte : nil
      before = byte
    }
    return hasAnchor && aliases > most
  }

  private static let keyLength = 40

  /// A key in quotes: 40 characters of Z85, none of which ends or separates values in all of YAML's styles, so that no
  /// alias can hide here.
  private static func isQuotedKey(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard let quote = bytes.first, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return false }
    let rest = bytes.dropFirst()
    guard rest.count > keyLength, rest[rest.startIndex + keyLength] == quote else { return false }
    return rest.prefix(keyLength).allSatisfy(isZ85)
  }

  private static func isZ85(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: ".-:+=^!/*?&<>()[]{}@%$#".utf8.contains(byte)
    }
  }

  /// White space, `[`, `{`, `,` or `:`.
  private static func mayBegin(after byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x5B || byte == 0x7B || byte == 0x2C || byte == 0x3A
  }
}
