import Foundation
import SeededRandom
import TestSupport
import Testing
import YAML

@Suite("A YAML text that is none, or too much")
struct YAMLHostileTests {
  @Test(arguments: [
    ("a: [1, 2\nb: 3\n", "2:2", "close the list with ]"),
    ("a: {b: 1\n", "2:1", "close the mapping with }"),
    ("a: 'text\n", "2:1", "close the quotes"),
    ("a: \"text", "1:9", "close the quotes"),
    ("a: b: c\n", "1:5", "put a text with \": \" in quotes"),
    ("a: 1\n  b: 2\n", "2:4", "put a text with \": \" in quotes"),
    ("a: @b\n", "1:4", "a text that begins with @ needs quotes"),
    ("a: `b`\n", "1:4", "a text that begins with ` needs quotes"),
    ("a:\n\tb: 1\n", "2:1", "a tab stands here: indent with spaces"),
    ("a: 1\nb\n", "3:1", "a key needs a colon"),
    ("a: \"\\q\"\n", "1:5", "write \\ twice"),
    ("- a\nb: c\n", "2:1", "elements of one list begin with -"),
    ("a: !x!y z\n", "1:4", "a text that begins with ! needs quotes"),
    ("a: * b\n", "1:5", "a text that begins with * or & needs quotes"),
    ("a: \"\\ud800\"\n", "1:7", "invalid Unicode character escape"),
    ("a: b\nc: \u{1}\n", "2:4", "the character U+0001 is not allowed"),
  ])
  func `is refused with its place, what is wrong and what to do`(text: String, place: String, message: String) {
    let refusal = refusal(text) ?? "read"
    #expect(refusal.hasPrefix("\(place): "), "\(refusal)")
    #expect(refusal.contains(message), "\(refusal)")
    #expect(!refusal.contains("\n"))
  }

  @Test(
    arguments: [
      [0x61, 0xFF], [0xC3, 0x28], [0x61, 0x3A, 0x20, 0xE3, 0x81], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
      [0xC0, 0xAF], [0xFF, 0xFE, 0x61, 0x00], [0x80],
    ] as [[UInt8]])
  func `is refused when it is not UTF-8`(bytes: [UInt8]) throws {
    let error = #expect(throws: YAMLError.self) { try YAMLNode.parse(bytes) }
    #expect(error?.code == .encoding)
    #expect(error?.place?.line == 1)
    #expect(error?.message.contains("save the file as UTF-8") == true, "\(String(describing: error))")
  }

  /// Nine lines whose value has 10^8 elements.
  static let bomb = (1...8).reduce("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n") { text, level in
    text + "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", "))]\n"
  }

  @Test
  func `of aliases of aliases is refused before it is more than a few values`() {
    let said = "has more than 16 aliases (*name); write the values out"
    #expect(refusal(Self.bomb) == said)
    #expect(refusal("{a: &a 1, b: [" + String(repeating: "*a,", count: 17) + "]}") == said)
    #expect(refusal("&a x: \n" + String(repeating: "- *a\n", count: 17)) == said)
    #expect(refusal("{a: &a 1, b: [" + String(repeating: "\"'\",*a,\"'\",", count: 17) + "]}") == said)
    #expect(refusal("{a: &a 1, b: [" + String(repeating: "*a,", count: 16) + "]}") == nil)
  }

  @Test
  func `of few aliases that stand for much is refused, too`() throws {
    let long = String(repeating: "x", count: 200_000)
    let refused = try #require(refusal("a: &a \(long)\nb: [*a, *a, *a, *a, *a, *a]\n"))
    #expect(refused.hasPrefix("2:25: the aliases (*name) up to here stand for more than 1048576 bytes"))
    let wide = "a: &a [" + String(repeating: "x,", count: 30_000) + "]\n"
    #expect(refusal(wide + "b: &b [*a, *a, *a, *a]\nc: [*b, *b, *b, *b]\n")?.contains("stand for more than") == true)
    // Without aliases it is as long as it is.
    #expect(refusal("a: &a \(long)\nb: \(long)\n") == nil)
  }

  @Test
  func `with what only looks like an alias is read`() throws {
    let key = "[&a:*b{*c" + String(repeating: "*", count: 31)
    let lines = ["- {name: a, key: '\(key)x'}\n", "- \"casus.*.v1\"\n", "- ls *.txt; cat *.md\n", "- 2 * 3\n"]
    for line in lines { #expect(refusal("- &a 1\n" + String(repeating: line, count: 50)) == nil, "\(line)") }
  }

  @Test
  func `of lists in lists is refused at the 65th, in any style and behind aliases`() {
    func brackets(_ count: Int) -> String {
      String(repeating: "[", count: count) + String(repeating: "]", count: count)
    }
    #expect(refusal(brackets(64)) == nil)
    let said = "lists and mappings stand more than 64 deep; flatten them"
    #expect(refusal(brackets(65)) == "1:65: \(said)")
    #expect(refusal(String(repeating: "- ", count: 65) + "x") == "1:129: \(said)")
    for opening in ["[", "{a: ", "- ", "? "] {
      #expect(refusal(String(repeating: opening, count: 1_000_000))?.contains(said) == true, "\(opening)")
    }
    #expect(refusal("a: &a \(brackets(40))\nb: &b [[[[[[[[[[*a]]]]]]]]]]\n") == nil)
    #expect(refusal("a: &a \(brackets(40))\nb: \(String(repeating: "[", count: 30))*a")?.contains(said) == true)
  }

  @Test
  func `that is longer than the limit is refused unread`() {
    #expect(refusal("a: 1", limits: YAMLLimits(maxBytes: 4)) == nil)
    #expect(refusal("a: 12", limits: YAMLLimits(maxBytes: 4)) == "has 5 bytes; 4 are the most")
  }

  @Test
  func `with directives beyond number is refused, since each is compared with all others`() {
    let tags = (0..<65).map { "%TAG !t\($0)! tag:x,2026:\n" }
    #expect(refusal(tags.joined() + "---\na\n") == "has more than 64 %TAG directives; write the tags out")
    #expect(refusal(tags.dropFirst().joined() + "---\na\n") == nil)
  }

  @Test
  func `does no harm: every beginning of a text and a thousand damaged ones are read or refused`() throws {
    let text = try String(contentsOf: Checkout.root.appending(path: "deploy/topologies/demo.yaml"), encoding: .utf8)
    let bytes = Array(text.utf8)
    let marks = Array("[]{}:,-?*&!|>'\"%@#\t\n \r\\~".utf8) + [0x00, 0xFF, 0xC3]
    var random = SeededGenerator(seed: 7)
    var texts = stride(from: 0, to: bytes.count, by: 7).map { Array(bytes[..<$0]) }
    for _ in 0..<1000 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        damaged[Int.random(in: 0..<damaged.count, using: &random)] = marks.randomElement(using: &random) ?? 0
      }
      texts.append(damaged)
    }
    var refusals = 0
    for text in texts {
      do { _ = try YAMLNode.parse(text) } catch {
        refusals += 1
        #expect(!error.message.isEmpty)
        #expect(error.place.map { $0.line >= 1 && $0.column >= 1 } ?? (error.code == .aliases))
      }
    }
    #expect(refusals > 100 && refusals < texts.count)
  }
}
