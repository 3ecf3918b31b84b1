/// Others' words made fit for a terminal, a log line or an event of our own: what would steer the reader's screen is shown
/// or taken out, never obeyed.
///
/// What steers: the control characters C0, DEL and C1 (ESC and CSI begin a terminal's commands), the line and paragraph
/// separators, and the marks of the bidirectional algorithm, which let a text show as another one than it is (Boucher and
/// Anderson, "Trojan Source", USENIX Security 2023). Everything else stays as it is.
public enum HarmlessText {
  /// What may stay though it steers.
  public struct Keeping: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let tabs = Keeping(rawValue: 1)
    /// The line feed alone.
    public static let lines = Keeping(rawValue: 2)
  }

  /// Whether a character steers instead of being shown.
  public static func steers(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1f, 0x7f...0x9f: true
    // Arabic letter mark; left-to-right and right-to-left mark; separators, embeddings and overrides; isolates.
    case 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
  }

  /// The text with what steers written out: `\n`, `\t`, `\r`, `\x1b`, `\u{202e}`. A text without any is given back as it is.
  public static func shown(_ text: String, keeping: Keeping = []) -> String {
    guard text.unicodeScalars.contains(where: { steers($0) && !isKept($0, keeping) }) else { return text }
    var shown = ""
    for scalar in text.unicodeScalars {
      if !steers(scalar) || isKept(scalar, keeping) {
        shown.unicodeScalars.append(scalar)
      } else {
        shown += spelled(scalar)
      }
    }
    return shown
  }

  /// At most `bytes` bytes of UTF-8, each character that steers replaced by U+FFFD: for texts inside events.
  public static func bounded(_ text: String, bytes: Int) -> String {
    var kept = String.UnicodeScalarView()
    var count = 0
    for scalar in text.unicodeScalars {
      let safe: Unicode.Scalar = steers(scalar) ? "\u{FFFD}" : scalar
      count += UTF8.width(safe)
      if count > bytes { break }
      kept.append(safe)
    }
    return String(kept)
  }

  private static func isKept(_ scalar: Unicode.Scalar, _ keeping: Keeping) -> Bool {
    scalar == "\t" && keeping.contains(.tabs) || scalar == "\n" && keeping.contains(.lines)
  }

  private static func spelled(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\t": "\\t"
    case "\r": "\\r"
    default:
      scalar.value < 0x100
        ? "\\x" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
        : "\\u{" + String(scalar.value, radix: 16) + "}"
    }
  }
}
