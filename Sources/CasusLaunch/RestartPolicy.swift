/// When and how fast a process that ended is started again. A plain value.
public struct RestartPolicy: Hashable, Sendable {
  public enum When: String, CaseIterable, Sendable {
    /// After any end, also exit 0.
    case always
    /// After a crash: a signal or an exit code other than 0.
    case onFailure = "on-failure"
    case never
  }

  public var when: When
  /// Nanoseconds before the first restart; doubled for each further crash within `window`.
  public var delay: Int64
  /// The delay's bound, in nanoseconds.
  public var longestDelay: Int64
  /// That many crashes within `window` are a crash loop: the process stays down.
  public var crashes: Int
  /// Nanoseconds.
  public var window: Int64

  public init(
    when: When = .onFailure, delay: Int64 = 200_000_000, longestDelay: Int64 = 10_000_000_000, crashes: Int = 5,
    window: Int64 = 60_000_000_000
  ) {
    self.when = when
    self.delay = delay
    self.longestDelay = longestDelay
    self.crashes = crashes
    self.window = window
  }

  /// How long to wait before the restart that follows the `crash`th crash in the window (1 is the first).
  ///
  /// Half of the exponential delay is fixed, half is random, so that plugins that one fault brought down do not all
  /// come back in the same instant.
  /// - Parameter random: any 64 bits; the caller owns the generator.
  func pause(afterCrash crash: Int, random: UInt64) -> Int64 {
    let doublings = min(max(crash - 1, 0), 30)
    let (grown, overflow) = delay.multipliedReportingOverflow(by: 1 << Int64(doublings))
    let full = overflow ? longestDelay : min(grown, longestDelay)
    let half = full / 2
    return half + Int64(random % UInt64(max(full - half, 0) + 1))
  }
}
