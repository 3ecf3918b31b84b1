internal import CasusNames

/// A pattern over event types: words joined by dots, `*` for exactly one word, a last `>` for one or more.
///
/// `casus.*.v1` matches `casus.damage.v1`; `casus.bus.>` matches `casus.bus.refused.v1`; `>` matches every type.
/// Words are `[a-z0-9-]+` and are compared as bytes. A plain value; matching allocates nothing.
public struct TypePattern: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  public var description: String { text }

  /// A type has at most so many bytes, and so has a pattern.
  private static let longest = 128

  /// Whether it is a type itself: words joined by dots.
  public static func isType(_ text: String) -> Bool {
    TypePattern(text) != nil && !text.utf8.contains { $0 == UInt8(ascii: "*") || $0 == UInt8(ascii: ">") }
  }

  /// Nil when the text is not a pattern.
  public init?(_ text: String) {
    guard !text.isEmpty, text.utf8.count <= Self.longest else { return nil }
    let words = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    for (place, word) in words.enumerated() {
      if word.elementsEqual("*".utf8) { continue }
      if word.elementsEqual(">".utf8) {
        guard place == words.count - 1 else { return nil }
        continue
      }
      guard Name.isWord(word) else { return nil }
    }
    self.text = text
  }

  public func matches(_ type: String) -> Bool {
    var pattern = text.utf8[...]
    var subject = type.utf8[...]
    while true {
      let (word, patternRest) = Self.firstWord(pattern)
      if word.elementsEqual(">".utf8) { return !subject.isEmpty }
      let (name, subjectRest) = Self.firstWord(subject)
      guard !name.isEmpty, word.elementsEqual("*".utf8) || word.elementsEqual(name) else { return false }
      switch (patternRest, subjectRest) {
      case (nil, nil): return true
      case (let p?, let s?): (pattern, subject) = (p, s)
      default: return false
      }
    }
  }

  private static func firstWord(
    _ text: Substring.UTF8View
  ) -> (word: Substring.UTF8View, rest: Substring.UTF8View?) {
    guard let dot = text.firstIndex(of: UInt8(ascii: ".")) else { return (text, nil) }
    return (text[..<dot], text[text.index(after: dot)...])
  }

  /// Whether every type that `other` can match is matched by this pattern too. Used for permissions.
  public func covers(_ other: TypePattern) -> Bool {
    var mine = text.utf8[...]
    var theirs = other.text.utf8[...]
    while true {
      let (word, rest) = Self.firstWord(mine)
      if word.elementsEqual(">".utf8) { return true }
      let (name, otherRest) = Self.firstWord(theirs)
      if name.elementsEqual(">".utf8) { return false }
      if !word.elementsEqual("*".utf8) {
        guard word.elementsEqual(name) else { return false }
      }
      switch (rest, otherRest) {
      case (nil, nil): return true
      case (let p?, let s?): (mine, theirs) = (p, s)
      default: return false
      }
    }
  }
}
