internal import CSimdjson

/// Walks a tape beside the source's tokens, so that a value's place in the source is known. Linear in the document.
struct SourceMap {
  let view: csimdjson_view

  var source: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: view.source, count: view.length)
  }

  /// Calls `body` with the tape index and the source offset of every word but the roots, until it returns false.
  func walk(_ body: (_ index: Int, _ offset: Int, _ token: Int) -> Bool) {
    let end = Tape.end(view.tape[0]) - 1
    var token = 0
    var index = 1
    while index < end {
      while token < view.token_count, isSeparator(token) { token += 1 }
      guard token < view.token_count else { return }
      if !body(index, Int(view.tokens[token]), token) { return }
      token += 1
      switch Tape.kind(view.tape[index]) {
      case Tape.int64, Tape.uint64, Tape.double: index += 2
      default: index += 1
      }
    }
  }

  private func isSeparator(_ token: Int) -> Bool {
    let byte = view.source[Int(view.tokens[token])]
    return byte == UInt8(ascii: ",") || byte == UInt8(ascii: ":")
  }

  func offset(ofTapeIndex wanted: Int) -> Int? {
    var found: Int?
    walk { index, offset, _ in
      if index == wanted { found = offset }
      return found == nil
    }
    return found
  }

  /// The bytes in which the value at a tape index is written, without the white space around it.
  func range(ofTapeIndex wanted: Int) -> Range<Int>? {
    let word = view.tape[wanted]
    let kind = Tape.kind(word)
    let last = kind == Tape.object || kind == Tape.array ? Tape.end(word) - 1 : wanted
    var start: Int?
    var end: Int?
    walk { index, offset, token in
      if index == wanted { start = offset }
      if index == last {
        let next = token + 1 < view.token_count ? Int(view.tokens[token + 1]) : view.length
        end = last == wanted ? trimmed(offset, next) : offset + 1
      }
      return end == nil
    }
    guard let start, let end else { return nil }
    return start..<end
  }

  private func trimmed(_ start: Int, _ end: Int) -> Int {
    var end = end
    while end > start, isWhiteSpace(view.source[end - 1]) { end -= 1 }
    return end
  }
}

func isWhiteSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
}
