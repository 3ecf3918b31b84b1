import CasusEvents

/// When the segments of a journal, or the commits of a segment, were recorded, as far as it can be told from times that a
/// wrong clock may have written. A plain value.
///
/// What stands before something was recorded before it, whatever its own times say: so a stretch that lies in the future is
/// taken for as old as what follows it.
struct JournalTimeline {
  struct Span: Equatable {
    var start: UInt64
    var end: UInt64
  }

  /// In the order of the sequences; they rise or stay.
  private(set) var spans: [Span]

  /// - Parameters:
  ///   - spans: as they were recorded, in the order of the sequences.
  ///   - now: when nothing can have been recorded yet.
  init(_ spans: [Span], now: UInt64 = .max) {
    self.spans = spans
    var latest = now
    for place in spans.indices.reversed() {
      self.spans[place].end = min(spans[place].end, latest)
      self.spans[place].start = min(spans[place].start, self.spans[place].end)
      latest = self.spans[place].start
    }
  }

  /// The first that was recorded at `time` or later.
  func first(at time: UInt64) -> Int? { spans.firstIndex { $0.end >= time } }

  /// Whether ages can be told from `now` for a retention of `age` nanoseconds.
  ///
  /// Where times leap by half that age or more, either nothing was recorded for so long or a clock went wrong: only what
  /// is recorded after it can tell, so nothing is called old until the journal goes on for a while behind the leap.
  func tellsAges(at now: UInt64, retention age: UInt64) -> Bool {
    let leap = max(age / 2, 1)
    let settle = min(leap, Self.day)
    var last: UInt64?
    for span in spans {
      if let last, Self.leaps(from: last, to: span.start, leap), !Self.isSettled(span.start, now, settle) {
        return false
      }
      last = span.end
    }
    guard let last else { return true }
    return !Self.leaps(from: last, to: now, leap)
  }

  private static let day: UInt64 = 86_400_000_000_000

  private static func leaps(from: UInt64, to: UInt64, _ leap: UInt64) -> Bool { to >= from && to - from >= leap }

  private static func isSettled(_ time: UInt64, _ now: UInt64, _ settle: UInt64) -> Bool {
    now >= time && now - time >= settle
  }
}
