internal import CasusCore
internal import CasusEvents
internal import SystemFiles

/// Reads both clocks. Wall time never goes back within a process or behind what the journal already says, so that a
/// journal's times rise as its sequences do.
struct Clock {
  private var last: Int64

  init(notBefore: Timestamp) { last = notBefore.nanoseconds }

  mutating func now() -> Moment {
    last = max(last, SystemClock.wall())
    return Moment(wall: Timestamp(nanoseconds: last), steady: SystemClock.steady())
  }
}
