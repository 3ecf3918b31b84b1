internal import DequeModule

/// How often the events of a stretch were delivered in vain, those of them that are pending; kept beside a subscription's
/// position, so that an event that nobody can process goes to quarantine however often the broker restarts.
public struct FailedAttempts: Hashable, Codable, Sendable {
  public var first: UInt64
  public var last: UInt64
  public var count: UInt16
}

extension SubscriptionState {
  /// Stretches that are kept at most, the oldest; in the rest the count begins anew with the broker.
  static var mostFailures: Int { 1_000 }

  /// Attempts at an event that failed in an earlier life of the broker. Asked in rising order.
  func earlierFailures(of sequence: UInt64) -> UInt16 {
    while let stretch = failures.first, stretch.last < sequence { failures.removeFirst() }
    guard let stretch = failures.first, stretch.first <= sequence else { return 0 }
    return stretch.count
  }

  /// Events, which rise, get all their attempts again.
  func forgetFailures(of sequences: [UInt64]) {
    var rest = sequences[...]
    failures = Deque(
      failures.flatMap { stretch in
        (stretch.first...stretch.last).without(&rest).map {
          FailedAttempts(first: $0.lowerBound, last: $0.upperBound, count: stretch.count)
        }
      })
  }

  /// What is to be kept of failed attempts: those at what is pending, and those that the cursor has not come to again.
  var allFailures: [FailedAttempts] {
    let ahead = failures.filter { $0.last >= cursor ?? 0 }
    return Array((pending.failures(most: Self.mostFailures) + ahead).prefix(Self.mostFailures))
  }
}
