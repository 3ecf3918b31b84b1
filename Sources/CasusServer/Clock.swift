internal import CasusCore
internal import CasusEvents
internal import SystemFiles

/// Reads both clocks of the machine; see `RecordedClock` for what becomes of the wall clock.
struct Clock {
  private var recorded: RecordedClock

  /// - Parameter last: when the journal's last event was recorded.
  init(after last: Timestamp) { recorded = RecordedClock(after: last) }

  mutating func now() -> Moment {
    let steady = SystemClock.steady()
    return Moment(wall: recorded.time(wall: SystemClock.wall(), steady: steady), steady: steady)
  }

  /// A step of the wall clock that is to be told now.
  mutating func takeStep() -> RecordedClock.Step? { recorded.takeStep(steady: SystemClock.steady()) }
}
