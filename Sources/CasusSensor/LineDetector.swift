public import CasusEvents
internal import CasusNames

/// What one line of a log is.
public enum LineOutcome: Sendable {
  case detection(Draft, kind: String)
  /// Well formed and nothing to report; by the log's own word for its kind.
  case other(kind: String)
  case broken(reason: String)
}

/// Turns lines into detections. Pure: a line always gives the same event, so that reading it twice is a duplicate and
/// not a second detection.
public protocol LineDetector: Sendable {
  func examine(_ line: LogLine) -> LineOutcome
}

/// Text that can stand where the schemas want one line: what steers a terminal becomes spaces, the length is bounded (by
/// characters, as JSON Schema counts). Nil when nothing is left.
public func oneLine(_ text: String, limit: Int = 256) -> String? {
  var scalars = String.UnicodeScalarView()
  for scalar in text.unicodeScalars.prefix(limit) {
    scalars.append(HarmlessText.steers(scalar) ? " " : scalar)
  }
  return scalars.isEmpty ? nil : String(scalars)
}

extension Excerpt {
  /// The beginning of a record, at most `limit` bytes, cut between characters; the digest is of the whole.
  public init(of record: [UInt8], limit: Int, origin: String? = nil) {
    var end = min(limit, record.count)
    if end < record.count { while end > 0, record[end] & 0xC0 == 0x80 { end -= 1 } }
    self.init(
      text: String(decoding: record[..<end], as: UTF8.self), sha256: sha256Hex(record), truncated: end < record.count,
      origin: origin)
  }
}
