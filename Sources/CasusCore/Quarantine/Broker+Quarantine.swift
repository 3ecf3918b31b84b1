internal import CasusEvents
internal import CasusWire
internal import DequeModule

extension Broker {
  /// `quarantine`: looks at what is in quarantine, sends it again or drops it. Changing needs the role operator, looking operator
  /// or observer. One answer holds and changes `QuarantineOrder.most` events at most, and costs a look at each subscription and
  /// at what is pending of those that it changes.
  mutating func quarantine(_ request: Request, of entry: PluginEntry, _ peer: PeerID) throws(WireError) {
    let order = try QuarantineOrder(request)
    guard !order.action.isChange || entry.roles.contains(.operator) else {
      throw WireError(.roleRequired, "changing the quarantine needs the role operator")
    }
    if order.action.isChange, let session = sessions[peer] { leavesTrace(session) }
    let chosen = subscriptions.all.filter { state in
      state.quarantine.count > 0 && order.wants(state.identity, state.name ?? "")
    }.sorted { ($0.identity, $0.name ?? "") < ($1.identity, $1.name ?? "") }
    var answer = QuarantineAnswer(action: order.action.rawValue)
    for state in chosen {
      let name = state.name ?? ""
      let all = state.quarantine.places(of: order.sequence, after: order.after(state.identity, name))
      let places = all.prefix(order.limit - answer.count)
      answer.left += all.count - places.count
      guard let last = places.last else { continue }
      let events = state.quarantine.events[places]
      if order.action == .show, let event = events.first {
        let owner = SubscriptionOwner(identity: state.identity, name: name)
        effects.append(.show(peer, request, event, owner, clearance: entry.clearance))
        return
      }
      for event in events {
        answer.events.append(
          .init(
            plugin: state.identity, subscription: name, sequence: event.sequence, type: event.type,
            attempts: event.attempts,
            // A subscriber's words may tell what the event says.
            reason: event.tlp <= entry.clearance
              ? event.reason : "not shown: the event is marked \(event.tlp.rawValue)",
            time: event.time))
      }
      answer.count += events.count
      answer.next =
        QuarantineOrder.Place(
          identity: state.identity, name: name, sequence: state.quarantine.events[last].sequence
        ).text
      if order.action.isChange { release(places, state, isRetry: order.action == .retry) }
    }
    if order.action == .show {
      throw WireError(
        .notQuarantined, "event \(order.sequence ?? 0) is not in quarantine", pointer: "/parameters/sequence")
    }
    if answer.left == 0 { answer.next = nil }
    // Strings, integers and times always have a text.
    let result = (try? canonicalJSON(answer)) ?? []
    effects.append(.send(peer, .reply(Reply(id: request.id, result: result))))
  }

  /// Takes events out of quarantine, to be sent again or never.
  private mutating func release(_ places: Range<Int>, _ state: SubscriptionState<Run>, isRetry: Bool) {
    let events = takeOut(places, state)
    state.drop(events.count - (isRetry ? state.retry(events, types) : 0))
    state.isDirty = true
    pump(state.key)
  }

  mutating func takeOut(_ places: Range<Int>, _ state: SubscriptionState<Run>) -> [QuarantinedEvent] {
    consequences.quarantine(-places.count, of: state.identity)
    return state.quarantine.remove(places)
  }
}

extension SubscriptionState {
  /// Puts events back among the pending ones, each in its place, to be sent at once; they rise. Returns how many: the others
  /// are of a type that the journal has no event of any more.
  fileprivate func retry(_ events: [QuarantinedEvent], _ types: Names) -> Int {
    var back: [PendingEvents.Event] = []
    // After a restart the cursor comes to them again: then they match once more.
    var ahead: [UInt64] = []
    for event in events {
      guard event.sequence < cursor ?? 0 else {
        ahead.append(event.sequence)
        continue
      }
      guard let type = types.find(event.type) else { continue }
      // How strictly it is marked is seen when it is read.
      back.append(
        .init(
          sequence: event.sequence, time: .min, size: 0, holder: 0, attempts: 0, type: type, level: .lowest,
          state: .ready, wasSent: true))
    }
    pending.putBack(back)
    unskip(ahead)
    for sequence in ahead { self.ahead.takeBack(sequence) }
    forgetFailures(of: ahead)
    unmatch(ahead.count)
    return back.count + ahead.count
  }
}

extension ClosedRange<UInt64> {
  /// What is left of it without some sequences, which rise; those up to its end are taken off the list.
  func without(_ sequences: inout ArraySlice<UInt64>) -> [ClosedRange] {
    var left: [ClosedRange] = []
    var from = lowerBound
    while let next = sequences.first, next <= upperBound {
      sequences.removeFirst()
      guard next >= from else { continue }
      if next > from { left.append(from...next - 1) }
      from = next + 1
    }
    if from <= upperBound { left.append(from...upperBound) }
    return left
  }
}
