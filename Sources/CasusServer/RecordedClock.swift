internal import CasusEvents

/// Makes the times that events are recorded at from a wall clock that may be wrong for a while. A plain value.
///
/// Times rise with the sequences or stay, as long as the clock goes back by no more than `bound`: a correction by NTP or
/// a leap second. A clock that is further back than what was recorded was wrong before: then times go back once, to
/// what the clock says, and the step is told. Order is by sequence alone, so nothing but the times is touched. A clock
/// that jumps forward cannot be told from one that was late; it is followed at once, and the step is told as well.
struct RecordedClock {
  /// A change of the clock by more than `bound`, as the operator is told of it.
  struct Step: Hashable, Sendable {
    /// What would have been recorded without it, and what is.
    var before: Timestamp
    var after: Timestamp

    var isBack: Bool { after.nanoseconds < before.nanoseconds }
  }

  /// In nanoseconds: more than a daemon that keeps the time ever steps by, less than what misleads a reader.
  static let bound: Int64 = 5_000_000_000
  /// Steps are told no more often than this: a clock that swings fills no journal.
  static let pause: Int64 = 60_000_000_000

  private var last: Int64
  /// The reading before: wall and steady.
  private var earlier: (wall: Int64, steady: Int64)?
  private var step: Step?
  private var toldAt: Int64?

  /// - Parameter last: when the journal's last event was recorded; 0 for none.
  init(after last: Timestamp) { self.last = last.nanoseconds }

  /// The time to record, from a reading of both clocks, in nanoseconds.
  mutating func time(wall: Int64, steady: Int64) -> Timestamp {
    defer { earlier = (wall, steady) }
    if let earlier, wall - earlier.wall - (steady - earlier.steady) > Self.bound {
      note(from: last + (steady - earlier.steady), to: wall)
    }
    if wall >= last {
      last = wall
    } else if last - wall > Self.bound {
      note(from: last, to: wall)
      last = wall
    }
    return Timestamp(nanoseconds: last)
  }

  /// Several steps within the pause are one: from where the first began to where the last ended.
  private mutating func note(from before: Int64, to after: Int64) {
    step = Step(before: step?.before ?? Timestamp(nanoseconds: before), after: Timestamp(nanoseconds: after))
  }

  /// The step that is to be told now.
  mutating func takeStep(steady: Int64) -> Step? {
    guard let step, toldAt.map({ steady - $0 >= Self.pause }) ?? true else { return nil }
    self.step = nil
    toldAt = steady
    return step
  }
}
