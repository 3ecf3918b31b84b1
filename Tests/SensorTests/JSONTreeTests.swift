import CasusSensor
import Testing

@Suite("A log line's JSON") struct JSONTreeTests {
  @Test("keeps numbers as they were written, however large")
  func numbers() throws {
    let tree = try JSONTree(parsing: Array(#"{"a":18446744073709539627,"b":-1.5e3}"#.utf8))
    #expect(tree["a"] == .number("18446744073709539627"))
    #expect(tree["b"]?.double == -1500)
  }

  @Test("reads escapes, surrogate pairs and halves of them")
  func escapes() throws {
    let tree = try JSONTree(parsing: Array(#"["\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83dx"]"#.utf8))
    #expect(tree.values(at: []).first?.text == "\"\\/\u{8}\u{c}\n\r\té😀\u{FFFD}x")
  }

  @Test("replaces bytes that are not UTF-8")
  func invalidUTF8() throws {
    let tree = try JSONTree(parsing: Array("\"a".utf8) + [0xFF] + Array("\"".utf8))
    #expect(tree.text == "a\u{FFFD}")
  }

  @Test("finds values through objects and arrays")
  func paths() throws {
    let tree = try JSONTree(parsing: Array(#"{"a":[{"b":1},{"b":[2,3]},{"c":4}]}"#.utf8))
    #expect(FieldPath("a.b").texts(in: tree) == ["1", "2", "3"])
    #expect(FieldPath("a.x").texts(in: tree).isEmpty)
    #expect(FieldPath("a.b.c").texts(in: tree).isEmpty)
  }

  @Test(
    "says where a line stops being JSON",
    arguments: [
      (#"{"a":1"#, 6), (#"{"a" 1}"#, 5), (#"{a:1}"#, 1), ("[1,]", 3), ("[1 2]", 3), (#""\x""#, 3), ("tru", 0),
      ("{} {}", 3), ("", 0), ("-", 1), ("1.", 2), (#""\u12g4""#, 3), ("nul]", 0), ("\"a\u{1}\"", 3),
    ])
  func faults(text: String, offset: Int) {
    #expect {
      try JSONTree(parsing: Array(text.utf8))
    } throws: { error in
      (error as? JSONTreeError)?.offset == offset
    }
  }

  @Test("refuses nesting that would exhaust the stack")
  func depth() throws {
    #expect(throws: JSONTreeError.self) { try JSONTree(parsing: [UInt8](repeating: 0x5B, count: 100_000)) }
    let fine = [UInt8](repeating: 0x5B, count: 60) + [UInt8](repeating: 0x5D, count: 60)
    #expect(throws: Never.self) { try JSONTree(parsing: fine) }
  }

  @Test("survives any bytes", arguments: 0..<40)
  func anyBytes(seed: Int) {
    var dice = Dice(seed)
    let alphabet = Array(#"{}[]":,0123456789.eE+-truefalsnu\ "#.utf8) + [0, 0xC3, 0xFF]
    for _ in 0..<200 {
      let bytes = (0..<Int.random(in: 0...60, using: &dice)).map { _ in alphabet.randomElement(using: &dice)! }
      _ = try? JSONTree(parsing: bytes)
    }
  }
}
