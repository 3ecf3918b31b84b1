internal import CPlatform
internal import Glibc
internal import SystemFiles

/// Nanoseconds of the machine's steady clock, the same for all its processes.
func steadyNow() -> UInt64 { UInt64(SystemClock.steady()) }

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
