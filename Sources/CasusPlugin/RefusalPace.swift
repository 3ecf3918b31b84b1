import CasusWire

/// Keeps a publisher within what the broker puts up with when events are refused, so that one wrong file does not get an
/// honest plugin cut off: it spends half of the budget that welcome tells, at half of the rate at which it comes back.
///
/// A plain value without a clock.
struct RefusalPace {
  /// When everything that was spent will have come back, at that rate.
  private var wholeAt: ContinuousClock.Instant?
  private var isTold = false

  /// Counts points: one for a refused event, more for a refused message.
  mutating func charge(_ points: Int, at now: ContinuousClock.Instant, _ limits: Limits) {
    guard points > 0 else { return }
    if wholeAt.map({ $0 <= now }) ?? true { isTold = false }
    let cost = Duration.nanoseconds(Int64(points) * 2_000_000_000 / Int64(limits.faultsPerSecond))
    wholeAt = max(wholeAt ?? now, now) + cost
  }

  /// When publishing may go on; nil when it may now.
  func pause(at now: ContinuousClock.Instant, _ limits: Limits) -> ContinuousClock.Instant? {
    guard let wholeAt else { return nil }
    let allowed = Duration.nanoseconds(Int64(limits.faultsAtOnce) * 1_000_000_000 / Int64(limits.faultsPerSecond))
    let until = wholeAt - allowed
    return until > now ? until : nil
  }

  /// True the first time that there is a pause since all was well.
  mutating func isNews() -> Bool {
    defer { isTold = true }
    return !isTold
  }
}
