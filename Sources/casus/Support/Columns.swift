import CasusNames

/// Text in a terminal's columns: most characters take one, those of East Asian scripts two, what only changes the character
/// before it none.
enum Columns {
  static func width(_ text: some StringProtocol) -> Int { text.unicodeScalars.reduce(0) { $0 + width($1) } }

  /// As much of a text as fits, with … where something is left out; what steers a terminal is shown.
  static func fit(_ text: String, _ columns: Int) -> String {
    let text = HarmlessText.shown(text)
    guard width(text) > columns else { return text }
    guard columns > 0 else { return "" }
    var (kept, used) = ("", 1)
    for character in text {
      let more = width(String(character))
      guard used + more <= columns else { break }
      kept.append(character)
      used += more
    }
    return kept + "…"
  }

  /// The same, filled up with blanks.
  static func cell(_ text: String, _ columns: Int, right: Bool = false) -> String {
    let text = fit(text, columns)
    let blanks = String(repeating: " ", count: max(0, columns - width(text)))
    return right ? blanks + text : text + blanks
  }

  /// Unicode's East Asian Width, as far as whole blocks have one (UAX #11).
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
  ]

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: 0
    default: scalar.value >= 0x1100 && wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }
  }
}
