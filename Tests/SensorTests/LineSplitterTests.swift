import CasusSensor
import SeededRandom
import Testing

@Suite("Cutting bytes into lines") struct LineSplitterTests {
  @Test
  func `lets a last line without newline wait, and hands it out at the end`() {
    var splitter = LineSplitter()
    #expect(splitter.append(Array("one\ntw".utf8)).map(\.text) == ["one"])
    #expect(splitter.consumed == 4)
    #expect(splitter.position == 6)
    #expect(splitter.append(Array("o\r\n\n".utf8)).map(\.text) == ["two", ""])
    #expect(splitter.finish() == nil)
    _ = splitter.append(Array("last".utf8))
    #expect(splitter.finish()?.text == "last")
    #expect(splitter.number == 4)
  }

  @Test
  func `keeps only the beginning of a line that is too long, says so, and goes on behind it`() {
    var splitter = LineSplitter(maximumLength: 4)
    let lines = splitter.append(Array("123456789\nab\n1234\n".utf8))
    #expect(lines.map(\.text) == ["1234", "ab", "1234"])
    #expect(lines.map(\.isCut) == [true, false, false])
    #expect(splitter.consumed == 18)
  }

  @Test(arguments: 0..<20)
  func `gives the same lines however the bytes come`(seed: Int) {
    var dice = SeededGenerator(seed: UInt64(seed))
    let text = (0..<50).map { _ in String(repeating: "x", count: Int.random(in: 0...9, using: &dice)) + "\n" }.joined()
    var splitter = LineSplitter()
    var lines: [String] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let piece = rest.prefix(Int.random(in: 1...20, using: &dice))
      lines += splitter.append(piece).map(\.text)
      rest = rest.dropFirst(piece.count)
    }
    #expect(lines == text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init))
  }
}

extension LogLine {
  var text: String { String(decoding: bytes, as: UTF8.self) }
}
