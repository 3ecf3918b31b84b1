import CasusEvents
import CasusWire

@testable import CasusCore

extension Bench {
  // MARK: What peers got, once

  func published(to peer: PeerID) -> [Published] {
    take(peer) { if case .published(let published) = $0 { published } else { nil } }
  }

  func errors(to peer: PeerID) -> [ErrorReply] {
    take(peer) { if case .error(let error) = $0 { error } else { nil } }
  }

  func progress(to peer: PeerID) -> [UInt64] {
    take(peer) { if case .progress(let progress) = $0 { progress.through } else { nil } }
  }

  func drops(to peer: PeerID) -> [Dropped] {
    take(peer) { if case .dropped(let dropped) = $0 { dropped } else { nil } }
  }

  func report(of identity: String) -> SubscriptionReport? {
    broker.subscriptionReports.first { $0.identity == identity }
  }

  func take<T>(_ peer: PeerID, _ pick: (BrokerReply) -> T?) -> [T] {
    let all = received[peer] ?? []
    received[peer] = all.filter { pick($0) == nil }
    return all.compactMap(pick)
  }

  func delivered(to peer: PeerID) -> [String] {
    defer { records[peer] = [] }
    return (records[peer] ?? []).map(\.text)
  }

  func take(deliveriesTo peer: PeerID) -> [BenchRecord] {
    defer { records[peer] = [] }
    return records[peer] ?? []
  }

  func deliveredSequences(to peer: PeerID) -> [UInt64] { (records[peer] ?? []).map(\.stamp.sequence) }

  // MARK: What identities may cause

  /// Events about one identity that its acts of a kind may have caused by now: each life of the broker begins anew, and one
  /// whose commit failed is told again.
  func most(_ act: Act) -> Int {
    (lives + 1) * (act.terms.burst + 2) + act.terms.perSecond * Int(lived / 1_000 + 1)
  }

  /// Events of a type in the journal that are about an identity.
  func told(_ type: String, of identity: String) -> Int {
    journal.reduce(0) { $0 + ($1.type == type && $1.text.contains("\"plugin\":\"\(identity)\"") ? 1 : 0) }
  }

  func isLive(_ peer: PeerID) -> Bool { broker.sessions[peer] != nil }
  func hasSession(_ identity: String) -> Bool { !broker.sessions.peers(of: identity).isEmpty }
  var mostBatchEvents: Int { broker.options.limits.batchEvents }
  func forgetConsequences() { broker.consequences = Consequences(broker.options.limits) }

  /// Events of a type that wait for the next commit.
  func staged(_ type: String) -> Int { broker.intake.stage.records.filter { $0.type == type }.count }

  /// What is counted of an identity's quarantines.
  func quarantined(of identity: String) -> Int { broker.consequences.quarantined(of: identity) }

  /// Where it is not said of a subscription how many events are ahead that are for it, counted one by one.
  var lagErrors: [String] {
    broker.subscriptions.all.compactMap { state in
      guard let cursor = state.cursor, cursor <= broker.durable else { return nil }
      let left = journal[Int(cursor - 1)...].count { record in
        state.matches(record.stamp, types: broker.types, senders: broker.senders)
          && !state.isDone(record.stamp.sequence)
      }
      let lag = broker.lag(of: state)
      guard state.ahead.isCounted(from: cursor) ? lag == left : lag >= left else {
        return "\(state.identity)#\(state.name ?? "") lags by \(left) and is told to lag by \(lag), from \(cursor) on"
      }
      return nil
    }
  }

  var ledgerBalances: Bool {
    broker.subscriptionReports.allSatisfy(\.addsUp) && broker.bookError == nil
  }
}
