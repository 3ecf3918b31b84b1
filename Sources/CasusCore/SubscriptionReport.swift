internal import CasusWire
internal import DequeModule

/// One subscription's books: matched = acked + pending + quarantined + dropped.
public struct SubscriptionReport: Sendable {
  public var identity: String
  /// Nil for an ephemeral one.
  public var name: String?
  public var types: [String]
  public var isLive: Bool
  /// Events that its filter took so far.
  public var matched: UInt64
  public var acked: UInt64
  public var pending: Int
  public var quarantined: UInt64
  public var dropped: UInt64
  /// Everything up to here is done with.
  public var ackedThrough: UInt64
  /// Events of the journal that it has not looked at.
  public var lag: UInt64
}

extension Broker {
  /// Every subscription, by identity and name.
  public var subscriptionReports: [SubscriptionReport] {
    subscriptions.values.map { state in
      let cursor = state.cursor ?? durable + 1
      return SubscriptionReport(
        identity: state.identity, name: state.name, types: state.types.map(\.text), isLive: state.peer != nil,
        matched: state.matched, acked: state.acked, pending: state.pending, quarantined: state.quarantined,
        dropped: state.dropped,
        ackedThrough: state.ackedThrough, lag: cursor > durable ? 0 : durable + 1 - cursor)
    }.sorted { ($0.identity, $0.name ?? "") < ($1.identity, $1.name ?? "") }
  }

  /// The lowest sequence that a durable subscription still needs.
  public var neededFrom: UInt64 {
    subscriptions.values.filter(\.isDurable).map { $0.ackedThrough + 1 }.min() ?? durable + 1
  }

  public var sessionCount: Int { sessions.count }
}
