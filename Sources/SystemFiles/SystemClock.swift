internal import Glibc

/// The system's two clocks, in nanoseconds. A reading is no system call on Linux.
public enum SystemClock {
  /// Since some moment in the past, never back, the same for all processes: for spans and deadlines.
  public static func steady() -> Int64 { read(CLOCK_MONOTONIC) }

  /// Since 1970, as the machine believes: it may be wrong, and may jump.
  public static func wall() -> Int64 { read(CLOCK_REALTIME) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    // 64 bits end in 2262: a clock beyond that stands at the end, and is not what ends the program.
    let seconds = min(Int64(time.tv_sec), Int64.max / 1_000_000_000 - 1)
    return seconds * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
