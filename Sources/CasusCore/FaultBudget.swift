internal import CasusWire

/// What a plugin is charged for: what costs the broker's time and brings no event in and none out. Accepted events,
/// repeats of accepted ones, deliveries, and the acknowledgements and credit for these are free.
enum Fault: Int, CaseIterable {
  /// An event that was refused.
  case event
  /// A message that is no command, or a command that was refused.
  case message
  /// A command that was carried out and that no delivery called for: pings, credit without end.
  case command
  /// A question to the broker.
  case request
  /// A session asked for, given or not: a connection and a handshake stand behind it.
  case hello

  /// Points for one: what it costs beside a refused event, a few microseconds.
  var points: Int {
    switch self {
    case .event: 1
    case .message, .command: 4
    case .request: 20
    case .hello: 200
    }
  }

  var text: String {
    switch self {
    case .event: "refused events"
    case .message: "refused messages"
    case .command: "commands to no end"
    case .request: "requests"
    case .hello: "sessions"
    }
  }
}

/// What one plugin has spent in vain: a bucket of points that fills by itself, and how often it was empty.
///
/// A plain value without a clock: `now` is steady time in nanoseconds and never goes back. It belongs to the plugin and not
/// to its connection, so that a new connection buys nothing.
struct FaultBudget {
  /// Until then it is not served.
  private(set) var shutUntil = Int64.min
  /// When everything that was spent will have come back.
  private var wholeAt = Int64.min
  /// What was charged since it was whole last, by kind.
  private var counts = [Int](repeating: 0, count: Fault.allCases.count)
  /// Cuts in a row, without ten good minutes in between.
  private var strikes = 0

  private static let goodConduct: Int64 = 600_000_000_000

  /// Charges for some faults of a kind. False when that is more than there was: then `cutOff` follows.
  ///
  /// - Parameters:
  ///   - bytes: of a message that brought nothing; each 1,024 are one point more, for it had to be taken in and read.
  mutating func charge(
    _ fault: Fault, count: Int = 1, bytes: Int = 0, at now: Int64, _ limits: Limits
  ) -> Bool {
    if wholeAt <= now {
      wholeAt = now
      for place in counts.indices { counts[place] = 0 }
    }
    counts[fault.rawValue] += count
    let points = Int64(count * fault.points + bytes >> 10)
    wholeAt += points * 1_000_000_000 / Int64(limits.faultsPerSecond)
    return wholeAt - now <= Int64(limits.faultsAtOnce) * 1_000_000_000 / Int64(limits.faultsPerSecond)
  }

  /// The budget is spent: the plugin is shut out, and comes back with a budget of one second.
  mutating func cutOff(at now: Int64, _ limits: Limits) -> FaultCut {
    if shutUntil > Int64.min, now - shutUntil > Self.goodConduct { strikes = 0 }
    let seconds = limits.cutOffSeconds << min(strikes, 6)
    strikes += 1
    shutUntil = now + Int64(seconds) * 1_000_000_000
    let left =
      Int64(max(0, limits.faultsAtOnce - limits.faultsPerSecond)) * 1_000_000_000 / Int64(limits.faultsPerSecond)
    wholeAt = shutUntil + left
    defer { for place in counts.indices { counts[place] = 0 } }
    return FaultCut(seconds: seconds, counts: counts)
  }
}

/// For how long, and for what, a plugin is shut out.
struct FaultCut {
  let seconds: Int
  /// By kind.
  let counts: [Int]

  var total: Int { counts.reduce(0, +) }

  /// `120,000 refused events, 3 requests`.
  var text: String {
    Fault.allCases.filter { counts[$0.rawValue] > 0 }.map { "\(counts[$0.rawValue]) \($0.text)" }
      .joined(separator: ", ")
  }
}
