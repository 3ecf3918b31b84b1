#if canImport(Glibc)
  internal import Glibc
#endif

/// Nanoseconds of the machine's steady clock, the same for all its processes.
func steadyNow() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
