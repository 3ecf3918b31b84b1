public import CasusEvents
internal import CasusWire
internal import DequeModule

/// One subscription's books: matched = acked + pending + quarantined + dropped.
public struct SubscriptionReport: Sendable {
  /// A plugin, or a group of an agency: `jp.nisc/~workers`.
  public var identity: String
  /// Nil for an ephemeral one.
  public var name: String?
  public var isGroup: Bool
  public var types: [String]
  public var isLive: Bool
  /// The plugins that are there now, and how much each of them has.
  public var members: [(identity: String, pending: Int)]
  public var policy: Overload.Policy
  /// Events that its filter took so far.
  public var matched: UInt64
  public var acked: UInt64
  /// Sent and not acknowledged, or waiting to be sent.
  public var pending: Int
  /// Of the pending ones, those that were never sent.
  public var waiting: Int
  public var quarantined: UInt64
  public var dropped: UInt64
  /// Everything up to here is done with.
  public var ackedThrough: UInt64
  /// Events of the journal that are for it and that it has not looked at; where that was not counted, as in what lies far before the
  /// broker's start, all that it has not looked at.
  public var lag: UInt64

  /// Nil for an ephemeral one.
  public var owner: SubscriptionOwner? { name.map { SubscriptionOwner(identity: identity, name: $0) } }

  /// Whether the books add up.
  public var addsUp: Bool { matched == acked + UInt64(pending) + quarantined + dropped }
}

extension Broker {
  /// How many events of the journal lie from a place on: what was lost and written off is nobody's to read.
  func behind(_ cursor: UInt64) -> UInt64 {
    guard cursor <= durable else { return 0 }
    var count = durable + 1 - cursor
    for gap in gaps.reversed() where gap.upperBound >= cursor {
      count -= gap.upperBound + 1 - max(gap.lowerBound, cursor)
    }
    return count
  }

  /// How many events from its place on are for a subscription.
  func lag(of state: SubscriptionState<Run>) -> UInt64 {
    guard let cursor = state.cursor, cursor <= durable else { return 0 }
    return state.ahead.count(from: cursor) { behind($0) }
  }

  /// Counts what of a run of the journal is for whom. Called at the start, in rising order, from any place on to the journal's end.
  public func countAhead(_ run: Run) {
    for state in subscriptions.all {
      guard let cursor = state.cursor else { continue }
      state.ahead.countBack(to: run.firstSequence, through: durable)
      guard cursor <= run.lastSequence else { continue }
      let place = cursor > run.firstSequence ? Int(cursor - run.firstSequence) : 0
      state.ahead.add(state.count(of: run, from: place, types: types, senders: senders))
    }
  }

  /// Every subscription, by identity and name. Costs a look at everything pending.
  public var subscriptionReports: [SubscriptionReport] {
    subscriptions.all.map { state in
      SubscriptionReport(
        identity: state.identity, name: state.name, isGroup: state.isGroup, types: state.types.map(\.text),
        isLive: state.isLive,
        members: state.members.map { ($0.identity, state.pending.held(by: $0.number).count) },
        policy: state.overload.policy, matched: state.matched, acked: state.acked, pending: state.pending.count,
        waiting: state.pending.parkedCount, quarantined: state.quarantined, dropped: state.dropped,
        ackedThrough: state.ackedThrough, lag: lag(of: state))
    }.sorted { ($0.identity, $0.name ?? "") < ($1.identity, $1.name ?? "") }
  }

  /// The lowest sequence that a durable subscription still needs.
  public var neededFrom: UInt64 {
    subscriptions.all.filter(\.isDurable).map { $0.ackedThrough + 1 }.min() ?? durable + 1
  }

  public var sessionCount: Int { sessions.count }
}
