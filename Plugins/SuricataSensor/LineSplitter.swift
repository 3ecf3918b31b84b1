/// One line of a log, without its newline.
struct LogLine: Equatable, Sendable {
  /// Counted from 1 in its file.
  var number: Int
  var bytes: [UInt8]
  /// True when the line was longer than allowed: only its beginning is kept.
  var isCut = false
}

/// Cuts a stream of bytes into lines. A plain value; keeps at most one unfinished line, of bounded length.
struct LineSplitter: Sendable {
  private var pending: [UInt8] = []
  private var skipping = false
  private(set) var number: Int
  /// Bytes of whole lines handed out, newlines included: where reading can go on after a restart.
  private(set) var consumed: UInt64
  private var pendingLength: UInt64 = 0
  let maximumLength: Int

  init(consumed: UInt64 = 0, number: Int = 0, maximumLength: Int = 1 << 20) {
    self.consumed = consumed
    self.number = number
    self.maximumLength = maximumLength
  }

  /// Where the next byte to append stands in the stream.
  var position: UInt64 { consumed + pendingLength }

  var hasPartialLine: Bool { pendingLength > 0 }

  /// Takes bytes and returns the lines they finish; a last line without newline waits for its end.
  mutating func append(_ bytes: some Sequence<UInt8>) -> [LogLine] {
    var lines: [LogLine] = []
    for byte in bytes {
      pendingLength += 1
      if byte == 0x0A {
        lines.append(take())
      } else if pending.count < maximumLength {
        pending.append(byte)
      } else {
        skipping = true
      }
    }
    return lines
  }

  /// The last line when nothing more will come, or nil when the stream ended with a newline.
  mutating func finish() -> LogLine? { hasPartialLine ? take() : nil }

  private mutating func take() -> LogLine {
    defer {
      consumed += pendingLength
      pending = []
      pendingLength = 0
      skipping = false
    }
    number += 1
    if pending.last == 0x0D { pending.removeLast() }
    return LogLine(number: number, bytes: pending, isCut: skipping)
  }
}
