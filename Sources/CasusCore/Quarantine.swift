public import CasusEvents
internal import CasusWire
internal import DequeModule

/// An event that a subscriber could not process as often as it may be tried.
public struct QuarantinedEvent: Hashable, Codable, Sendable {
  public var sequence: UInt64
  public var type: String
  public var attempts: Int
  /// The subscriber's last word on it.
  public var reason: String
  /// When it came here.
  public var time: Timestamp

  public init(sequence: UInt64, type: String, attempts: Int, reason: String, time: Timestamp) {
    self.sequence = sequence
    self.type = type
    self.attempts = attempts
    self.reason = reason
    self.time = time
  }
}

/// What `quarantine` answers: the subscription's entries before the action, and how many it concerned.
private struct QuarantineAnswer: Encodable {
  struct Entry: Encodable {
    var plugin: String
    var subscription: String
    var sequence: String
    var type: String
    var attempts: Int
    var reason: String
    var time: Timestamp
  }

  var action: String
  var count: Int
  var events: [Entry]
}

extension Broker {
  /// `quarantine`: `action` is `list`, `show`, `retry` or `drop`; `plugin`, `subscription` and `sequence` choose, all when absent.
  /// Changing needs the role operator, looking operator or observer.
  mutating func quarantine(_ request: Request, of entry: PluginEntry, _ peer: PeerID) throws(WireError) {
    let action = request.parameters["action"] ?? "list"
    guard ["list", "show", "retry", "drop"].contains(action) else {
      throw WireError(.malformedControl, "action must be list, show, retry or drop", pointer: "/parameters/action")
    }
    guard action == "list" || action == "show" || entry.roles.contains(.operator) else {
      throw WireError(.roleRequired, "changing the quarantine needs the role operator")
    }
    var wanted: UInt64?
    if let text = request.parameters["sequence"] {
      guard let sequence = UInt64(text) else {
        throw WireError(.malformedControl, "a sequence is a decimal number", pointer: "/parameters/sequence")
      }
      wanted = sequence
    }
    var answer = QuarantineAnswer(action: action, count: 0, events: [])
    let chosen = subscriptions.values.filter { state in
      state.isDurable && request.parameters["plugin"].map { $0 == state.identity } ?? true
        && request.parameters["subscription"].map { $0 == state.name } ?? true
    }.sorted { ($0.identity, $0.name ?? "") < ($1.identity, $1.name ?? "") }
    if action == "show" {
      guard let wanted else {
        throw WireError(.malformedControl, "show needs a sequence", pointer: "/parameters/sequence")
      }
      for state in chosen {
        guard let event = state.quarantine.first(where: { $0.sequence == wanted }) else { continue }
        let owner = SubscriptionOwner(identity: state.identity, name: state.name ?? "")
        effects.append(.show(peer, request, event, owner, clearance: entry.clearance))
        return
      }
      throw WireError(.notQuarantined, "event \(wanted) is not in quarantine", pointer: "/parameters/sequence")
    }
    for state in chosen {
      let events = state.quarantine.filter { wanted == nil || $0.sequence == wanted }
      for event in events {
        answer.events.append(
          .init(
            plugin: state.identity, subscription: state.name ?? "", sequence: String(event.sequence),
            type: event.type, attempts: event.attempts, reason: event.reason, time: event.time))
      }
      answer.count += events.count
      guard action != "list", !events.isEmpty else { continue }
      let concerned = Set(events.map(\.sequence))
      state.quarantine.removeAll { concerned.contains($0.sequence) }
      state.quarantined -= UInt64(events.count)
      consequences.quarantine(-events.count, of: state.identity)
      if action == "retry" {
        for event in events { state.retry(event, type: types.find(event.type) ?? 0) }
      } else {
        state.dropped += UInt64(events.count)
      }
      state.isDirty = true
      pump(state.key)
    }
    // Strings, integers and times always have a text.
    let result = (try? canonicalJSON(answer)) ?? []
    effects.append(.send(peer, .reply(Reply(id: request.id, result: result))))
  }
}

extension SubscriptionState {
  /// Puts an event back among the pending ones, in its place, to be sent at once.
  func retry(_ event: QuarantinedEvent, type: UInt16) {
    guard event.sequence < cursor ?? 0 else {
      // After a restart the cursor comes to it again: then it matches once more.
      unskip(event.sequence)
      forgetFailures(of: event.sequence)
      matched -= 1
      return
    }
    // How strictly it is marked is seen when it is read.
    pending.putBack(
      .init(
        sequence: event.sequence, time: .min, size: 0, holder: 0, attempts: 0, type: type, level: .lowest,
        state: .ready, wasSent: true))
  }
}
