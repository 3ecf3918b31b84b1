internal import CasusCore
internal import CasusEvents

#if canImport(Glibc)
  internal import Glibc
#endif

/// Reads both clocks. Wall time never goes back within a process or behind what the journal already says, so that a
/// journal's times rise as its sequences do.
struct Clock {
  private var last: Int64

  init(notBefore: Timestamp) { last = notBefore.nanoseconds }

  mutating func now() -> Moment {
    last = max(last, Self.read(CLOCK_REALTIME))
    return Moment(wall: Timestamp(nanoseconds: last), steady: Self.read(CLOCK_MONOTONIC))
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
