/// YAML's anchors and aliases: nine lines of `b: &b [*a, *a, …]` are a value that no memory holds. Files that people
/// write for Casus hardly need them, so a file may have a few and no more.
package enum YAMLAliases {
  /// With so many, a file's value is a few hundred times its text at most.
  package static let most = 16

  /// Whether a text has an anchor and more aliases than that. Looks for what may be one outside of quotes, so that it
  /// finds each and may take a word of a plain text for one. Linear.
  package static func areTooMany(in text: some StringProtocol) -> Bool {
    var hasAnchor = false
    var aliases = 0
    var before = UInt8(ascii: "\n")
    var waiting: UInt8?
    for byte in text.utf8 {
      if let mark = waiting, byte > 0x20 {
        if mark == UInt8(ascii: "&") { hasAnchor = true } else { aliases += 1 }
      }
      let isMark = byte == UInt8(ascii: "&") || byte == UInt8(ascii: "*")
      waiting = isMark && mayBegin(after: before) ? byte : nil
      before = byte
    }
    return hasAnchor && aliases > most
  }

  /// White space, `[`, `{`, `,` or `:`.
  private static func mayBegin(after byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x5B || byte == 0x7B || byte == 0x2C || byte == 0x3A
  }
}
