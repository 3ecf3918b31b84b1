import CasusNames
import Testing

@Suite struct HarmlessTextTests {
  /// What a stranger may send to those who read a log, and how it is shown.
  static let hostile: [(text: String, shown: String)] = [
    ("\u{1b}[2Jgone\u{7}", #"\x1b[2Jgone\x07"#),
    ("\u{9b}31mred", #"\x9b31mred"#),
    ("\u{1b}]0;title\u{1b}\\", #"\x1b]0;title\x1b\"#),
    ("line\nWARNING forged", #"line\nWARNING forged"#),
    ("a\r\nb\tc", #"a\r\nb\tc"#),
    ("next\u{85}line", #"next\x85line"#),
    ("a\u{2028}b\u{2029}c", #"a\u{2028}b\u{2029}c"#),
    ("allow\u{202e}yned\u{202c}", #"allow\u{202e}yned\u{202c}"#),
    ("\u{2066}x\u{2069}\u{200f}\u{061c}", #"\u{2066}x\u{2069}\u{200f}\u{61c}"#),
    ("\u{0}\u{7f}", #"\x00\x7f"#),
  ]

  @Test(arguments: hostile)
  func `what steers is shown and not obeyed`(text: String, shown: String) {
    let result = HarmlessText.shown(text)
    #expect(result == shown)
    #expect(!result.unicodeScalars.contains { HarmlessText.steers($0) })
    #expect(HarmlessText.shown(result) == result, "once is enough")
    #expect(!HarmlessText.bounded(text, bytes: 200).unicodeScalars.contains { HarmlessText.steers($0) })
  }

  @Test func `what is text stays as it i s`() {
    for text in ["", "a – ü", "日本語", "👩‍👩‍👧", "עברית", "\\x1b"] { #expect(HarmlessText.shown(text) == text) }
  }

  @Test func `tabs and lines stay where they may`() {
    #expect(HarmlessText.shown("a\tb\nc\u{1b}", keeping: .tabs) == "a\tb\\nc\\x1b")
    #expect(HarmlessText.shown("a\tb\nc\r\n", keeping: .lines) == "a\\tb\nc\\r\n")
  }

  @Test func `a bound cuts between characters`() {
    #expect(HarmlessText.bounded("aéé", bytes: 4) == "aé")
    #expect(HarmlessText.bounded("a\u{1b}b", bytes: 4) == "a\u{FFFD}")
  }
}
