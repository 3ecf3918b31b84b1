/// One line of a log, without its newline.
public struct LogLine: Equatable, Sendable {
  /// Counted from 1 in its file.
  public var number: Int
  public var bytes: [UInt8]
  /// True when the line was longer than allowed: only its beginning is kept.
  public var isCut = false

  public init(number: Int, bytes: [UInt8], isCut: Bool = false) {
    self.number = number
    self.bytes = bytes
    self.isCut = isCut
  }
}

/// Cuts a stream of bytes into lines. A plain value; keeps at most one unfinished line, of bounded length.
public struct LineSplitter: Sendable {
  private var pending: [UInt8] = []
  private var skipping = false
  public private(set) var number: Int
  /// Bytes of whole lines handed out, newlines included: where reading can go on after a restart.
  public private(set) var consumed: UInt64
  private var pendingLength: UInt64 = 0
  public let maximumLength: Int

  public init(consumed: UInt64 = 0, number: Int = 0, maximumLength: Int = 1 << 20) {
    self.consumed = consumed
    self.number = number
    self.maximumLength = maximumLength
  }

  /// Where the next byte to append stands in the stream.
  public var position: UInt64 { consumed + pendingLength }

  public var hasPartialLine: Bool { pendingLength > 0 }

  /// Takes bytes and returns the lines they finish; a last line without newline waits for its end.
  public mutating func append(_ bytes: some Sequence<UInt8>) -> [LogLine] {
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
  public mutating func finish() -> LogLine? { hasPartialLine ? take() : nil }

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
