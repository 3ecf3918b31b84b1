/// The alphabet of names on the bus: words of `a-z`, `0-9` and `-` joined by dots, `-` not being the first, compared as bytes.
///
/// Agencies, plugins, groups, subscriptions and the beginnings of event types are such names; a type pattern is made of the
/// same words. Everything here is pure and allocates nothing.
public enum Name {
  /// A name has at most so many bytes: two of them and a slash have room in the schemas' `plugin`.
  public static let longest = 60
  /// What a message says of it, behind "… is named in".
  public static let alphabet = "words of a-z, 0-9 and - joined by dots, no - in front, 60 bytes at most"

  public static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
    default: false
    }
  }

  public static func isWord(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy(isWordByte)
  }

  /// Words joined by dots, `longest` bytes at most. What begins with `-` is an option to many a program.
  public static func isValid(_ bytes: some Collection<UInt8>) -> Bool {
    guard bytes.first != UInt8(ascii: "-") else { return false }
    var count = 0
    var isInWord = false
    for byte in bytes {
      count += 1
      if byte == UInt8(ascii: ".") {
        guard isInWord else { return false }
        isInWord = false
      } else {
        guard isWordByte(byte) else { return false }
        isInWord = true
      }
    }
    return isInWord && count <= longest
  }

  public static func isValid(_ text: some StringProtocol) -> Bool { isValid(text.utf8) }

  /// Whether a name, or the beginning of a type's, lies in the vocabulary, which is nobody's but the bus's.
  public static func isVocabulary(_ name: String) -> Bool {
    name.utf8.elementsEqual("casus".utf8) || name.utf8.starts(with: "casus.".utf8)
  }

  /// A party to a decision, `JP` or `US-CYBER`: capitals, digits and `-`, a capital first, 32 bytes at most.
  public static func isParty(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 32, (65...90).contains(first) else { return false }
    return name.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-") }
  }
}

/// Who somebody on the bus is: `jp.nisc/suricata-1`, an agency's name and the name of one of its plugins or people.
public struct PluginName: Hashable, Sendable, CustomStringConvertible {
  public let agency: String
  public let plugin: String

  /// Nil when the text is not two names with one slash between them.
  public init?(_ text: some StringProtocol) {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count == 2, Name.isValid(parts[0]), Name.isValid(parts[1]) else { return nil }
    agency = String(decoding: parts[0], as: UTF8.self)
    plugin = String(decoding: parts[1], as: UTF8.self)
  }

  public var description: String { "\(agency)/\(plugin)" }
}
