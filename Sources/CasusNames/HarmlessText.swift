/// Others' words made fit for a terminal, a log line or an event of our own: what would steer the reader's screen, cannot be
/// seen or passes for something else is shown or taken out, never obeyed.
///
/// What steers: the control characters C0, DEL and C1 (ESC and CSI begin a terminal's commands), the line and paragraph
/// separators, the marks of the bidirectional algorithm, which let a text show as another one than it is (Boucher and
/// Anderson, "Trojan Source", USENIX Security 2023), and characters without any shape of their own. What passes for something
/// else: ``Lookalikes``. Everything else stays as it is. The Python client does the same, by the same vectors.
public enum HarmlessText {
  /// What may stay though it steers.
  public struct Keeping: OptionSet, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let tabs = Keeping(rawValue: 1)
    /// The line feed alone.
    public static let lines = Keeping(rawValue: 2)
  }

  /// Whether a character steers, or stands there unseen, instead of being shown.
  public static func steers(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1f, 0x7f...0x9f: true
    // Arabic letter mark; left-to-right and right-to-left mark; separators, embeddings and overrides; isolates.
    case 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    // Without a shape: soft hyphen, grapheme joiner, fillers, spaces without width, invisible operators, the byte order
    // mark, annotations, tags.
    case 0xad, 0x034f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180e, 0x200b, 0x2060...0x2065, 0x206a...0x206f, 0x3164, 0xfeff,
      0xffa0, 0xfff9...0xfffb, 0xe0000...0xe007f:
      true
    default: false
    }
  }

  /// The text with what steers or passes for something else written out: `\n`, `\t`, `\r`, `\x1b`, `\u{202e}`. A text without
  /// any is given back as it is.
  public static func shown(_ text: String, keeping: Keeping = []) -> String {
    // Of ASCII alone only the control characters can do harm.
    if text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) || $0 == 0x0a && keeping.contains(.lines) }) { return text }
    let scalars = Array(text.unicodeScalars)
    let lookalikes = Lookalikes.places(in: scalars)
    var shown = ""
    for (place, scalar) in scalars.enumerated() {
      let isHarmless = !steers(scalar) && !isLooseJoiner(place, scalars) && !lookalikes.contains(place)
      if isHarmless || isKept(scalar, keeping) {
        shown.unicodeScalars.append(scalar)
      } else {
        shown += spelled(scalar)
      }
    }
    return shown
  }

  /// The joiners have their place between letters of scripts that need them and within emoji; beside ASCII they only hide.
  private static func isLooseJoiner(_ place: Int, _ scalars: [Unicode.Scalar]) -> Bool {
    guard scalars[place].value == 0x200c || scalars[place].value == 0x200d else { return false }
    guard place > 0, place + 1 < scalars.count else { return true }
    return scalars[place - 1].isASCII || scalars[place + 1].isASCII
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
