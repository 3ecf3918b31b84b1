internal import CPlatform

#if canImport(Glibc)
  internal import Glibc
#endif

/// Nanoseconds of the machine's steady clock, the same for all its processes.
func steadyNow() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// A descriptor to poll, readable from a moment of the steady clock on: `zmq_poll` alone counts in milliseconds, and a
/// publisher that looks at the clock instead of sleeping takes one of two cores from what it measures.
final class Timer {
  let fileDescriptor: Int32

  init() throws {
    fileDescriptor = casus_timer_make()
    guard fileDescriptor >= 0 else { throw BenchError("the system has no timer left") }
  }

  deinit { close(fileDescriptor) }

  func set(_ moment: UInt64) { casus_timer_set(fileDescriptor, moment) }
}
