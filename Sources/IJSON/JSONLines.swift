internal import CSimdjson

/// On which line each value of a document begins, the first is 1. Made in one pass, for messages to people.
public struct JSONLines: Sendable {
  private var lines: [UInt32]

  /// The line of a value of the document that this was made of.
  public subscript(_ value: JSONValue) -> Int { Int(lines[value.index]) }

  init(_ map: SourceMap) {
    lines = [UInt32](repeating: 1, count: Tape.end(map.view.tape[0]))
    var line: UInt32 = 1
    var seen = 0
    map.walk { index, offset, _ in
      while seen < offset {
        if map.source[seen] == 0x0A { line += 1 }
        seen += 1
      }
      lines[index] = line
      return true
    }
  }
}
