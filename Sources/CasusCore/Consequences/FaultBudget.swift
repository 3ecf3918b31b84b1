internal import CasusWire

/// What one plugin has spent: a bucket of points that fills by itself, and how often it was empty. A plain value.
struct FaultBudget {
  /// Until then it is not served.
  private(set) var shutUntil = Int64.min
  /// When everything that was spent will have come back.
  private var wholeAt = Int64.min
  /// What was charged since it was whole last, by kind.
  private var counts = [Int](repeating: 0, count: Act.allCases.count)
  /// Cuts in a row, without ten good minutes in between.
  private var strikes = 0

  private static let goodConduct: Int64 = 600_000_000_000

  /// Charges for some acts of a kind. False when that is more than there was: then `cutOff` follows.
  mutating func charge(
    _ act: Act, count: Int = 1, bytes: Int = 0, at now: Int64, _ limits: Limits
  ) -> Bool {
    if wholeAt <= now {
      wholeAt = now
      for place in counts.indices { counts[place] = 0 }
    }
    counts[act.rawValue] += count
    let points = Int64(count * act.terms.points + bytes / Act.bytesPerPoint)
    wholeAt += points * 1_000_000_000 / Int64(limits.faultsPerSecond)
    return wholeAt - now <= Int64(limits.faultsAtOnce) * 1_000_000_000 / Int64(limits.faultsPerSecond)
  }

  /// Points that have not come back.
  func spent(at now: Int64, _ limits: Limits) -> Int {
    guard wholeAt > now else { return 0 }
    return Int(Double(wholeAt - now) / 1e9 * Double(limits.faultsPerSecond))
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
    Act.allCases.filter { counts[$0.rawValue] > 0 }.map { "\(counts[$0.rawValue]) \($0.terms.text)" }
      .joined(separator: ", ")
  }
}
