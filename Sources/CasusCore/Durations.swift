/// How often something took how long: counters in fixed steps, each twice as long as the one before. Counting is an addition and
/// allocates nothing. A plain value; what it counts comes in.
public struct Durations: Sendable {
  /// 32 microseconds, and 19 times twice as long: 17 seconds.
  public static let stepCount = 20
  private static let shortest: Int64 = 32_000

  /// How long each step reaches, in nanoseconds; what took longer is counted behind them.
  public static let steps: [Int64] = (0..<stepCount).map { shortest << Int64($0) }

  private var counts = InlineArray<21, UInt64>(repeating: 0)
  /// All together, in nanoseconds.
  public private(set) var sum: UInt64 = 0

  public init() {}

  /// - Parameter nanoseconds: below zero, as after a step of a clock, counts as zero.
  public mutating func add(_ nanoseconds: Int64) {
    let taken = UInt64(max(0, nanoseconds))
    // Of what is left after the shortest, the doublings.
    let units = (taken + UInt64(Self.shortest) - 1) / UInt64(Self.shortest)
    let step = units > 1 ? min(Self.stepCount, UInt64.bitWidth - (units - 1).leadingZeroBitCount) : 0
    counts[step] += 1
    sum = sum.addingReportingOverflow(taken).overflow ? .max : sum + taken
  }

  /// By step, and behind them what took longer.
  public var all: [UInt64] { (0...Self.stepCount).map { counts[$0] } }
}

/// What a broker has taken time for since its start.
public struct Timings: Sendable {
  /// A commit: written, and synced where it is to be.
  public internal(set) var commit = Durations()
  /// A batch: from when it is taken in until `published` is said of it.
  public internal(set) var accepted = Durations()
  /// From when an event is recorded until it is sent to a subscriber for the first time: the longest of each delivery that goes
  /// beyond all before it.
  public internal(set) var delivered = Durations()
}
