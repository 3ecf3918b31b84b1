import IJSON
import SeededRandom
import Testing

@Suite("A lenient reading") struct LenientTests {
  private func read<R>(_ bytes: [UInt8], _ body: (JSONValue) throws -> R) throws -> R {
    try JSONDocument(bytes, limits: .lenient(maxBytes: 1 << 20)).read(body)
  }

  private func text(_ json: String) throws -> String? { try read(Array(json.utf8)) { $0.text } }

  @Test func `keeps numbers that nothing holds as their digits`() throws {
    for digits in [
      "18446744073709539627", "-9223372036854775808", "123456789012345678901234567890", "-9223372036854775809", "1e400",
      "-1E+999",
    ] {
      #expect(try text(digits) == digits)
      #expect(
        try read(Array(#"{"a":[\#(digits),"\#(digits)"]}"#.utf8)) { $0.values(at: ["a"]).map(\.text) } == [
          digits, digits,
        ])
    }
    #expect(try read(Array(#"{"b":-1.5e3}"#.utf8)) { $0["b"]?.double } == -1500)
    #expect(try text("1.0") == "1")
  }

  @Test func `replaces halves of surrogate pairs`() throws {
    let json = #"["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83dx\\ud83d\ude00"]"#
    #expect(
      try read(Array(json.utf8)) { $0.values(at: [String]()).first?.text }
        == "\"\\/\u{8}\u{c}\n\r\té😀\u{FFFD}x\\ud83d\u{FFFD}")
  }

  @Test func `replaces bytes that are not UTF8`() throws {
    #expect(try read(Array("\"a".utf8) + [0xFF] + Array("\"".utf8)) { $0.text } == "a\u{FFFD}")
  }

  @Test func `takes the first of two members`() throws {
    #expect(try read(Array(#"{"a":1,"a":2}"#.utf8)) { $0["a"]?.int64 } == 1)
  }

  @Test func `finds values through objects and arrays`() throws {
    try read(Array(#"{"a":[{"b":1},{"b":[2,3]},{"c":4}]}"#.utf8)) { value in
      #expect(value.values(at: ["a", "b"]).map(\.text) == ["1", "2", "3"])
      #expect(value.values(at: ["a", "x"]).isEmpty)
      #expect(value.values(at: ["a", "b", "c"]).isEmpty)
    }
  }

  @Test(
    arguments: [
      #"{"a":1"#, #"{"a" 1}"#, #"{a:1}"#, "[1,]", "[1 2]", #""\x""#, "tru", "{} {}", "", "-", "1.", #""\u12g4""#,
      "nul]",
      "\"a\u{1}\"", "[01]",
    ])
  func `refuses what is not JSON`(text: String) {
    let error = #expect(throws: JSONError.self) { try read(Array(text.utf8)) { _ in } }
    #expect(error?.code == .syntax)
  }

  @Test func `bounds the depth`() throws {
    #expect(throws: JSONError.self) { try read([UInt8](repeating: 0x5B, count: 100_000)) { _ in } }
    try read([UInt8](repeating: 0x5B, count: 60) + [UInt8](repeating: 0x5D, count: 60)) { _ in }
  }

  @Test func `survives any bytes`() {
    var dice = SeededGenerator(seed: 7)
    let alphabet = Array(#"{}[]":,0123456789.eE+-truefalsnu\ "#.utf8) + [0, 0xC3, 0xFF]
    for _ in 0..<8000 {
      let count = Int.random(in: 0...60, using: &dice)
      _ = try? read((0..<count).map { _ in alphabet.randomElement(using: &dice) ?? 0 }) { $0.text }
    }
  }

  @Test func `knows the line of each value`() throws {
    let parser = JSONParser()
    let value = try parser.parse(Array("[\n {\"a\": 1,\n  \"b\": [\n2.5]},\n\"x\\n\", 3]".utf8))
    let lines = parser.lines()
    let found = value.elements.map { lines[$0] }
    #expect(found == [2, 5, 5])
    #expect(value.values(at: ["b"]).map { lines[$0] } == [4])
    #expect(lines[value] == 1)
  }
}
