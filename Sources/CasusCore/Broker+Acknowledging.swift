internal import CasusEvents
internal import CasusWire
internal import DequeModule

extension Broker {
  mutating func grant(_ credit: Credit, of peer: PeerID) throws(WireError) {
    let key = try key(credit.subscription, of: peer)
    add(events: credit.events, bytes: credit.bytes, to: key, peer)
    pump(key)
  }

  mutating func add(events: Int, bytes: Int, to key: SubscriptionKey, _ peer: PeerID) {
    guard let state = subscriptions[key], let place = state.place(of: peer) else { return }
    state.members[place].creditEvents = min(state.members[place].creditEvents + events, 1 << 20)
    state.members[place].creditBytes = min(state.members[place].creditBytes + bytes, options.limits.creditBytes)
  }

  mutating func acknowledge(_ ack: Ack, of peer: PeerID) throws(WireError) {
    let key = try key(ack.subscription, of: peer)
    guard let state = subscriptions[key], state.isDurable, let member = state.place(of: peer) else {
      throw WireError(.unknownSubscription, "an ephemeral subscription has nothing to acknowledge", pointer: "/sub")
    }
    let number = state.members[member].number
    var count = 0
    if let through = ack.through { count += state.pending.finish(through: through, of: number) }
    for sequence in ack.also {
      guard let place = state.pending.place(of: sequence) else { continue }
      let event = state.pending[place]
      // One that was sent and is due again may be acknowledged late; in a group only by who had it last.
      guard event.wasSent, event.holder == number || !state.isGroup && event.state != .held else { continue }
      state.pending.finish(place)
      count += 1
    }
    guard count > 0 else { return }
    state.pending.dropDone()
    state.isDirty = true
    state.acked += UInt64(count)
    state.members[member].record.acked += count
    // What waited for room among the pending ones.
    if state.pending.sentCount + count >= options.limits.pendingEvents { pump(key) }
  }

  mutating func nack(_ nack: Nack, of peer: PeerID) throws(WireError) {
    let key = try key(nack.subscription, of: peer)
    guard let state = subscriptions[key], state.isDurable, let member = state.place(of: peer) else {
      throw WireError(.unknownSubscription, "an ephemeral subscription has nothing to refuse", pointer: "/sub")
    }
    let reason = bounded(nack.reason)
    for sequence in nack.sequences {
      // One that is not with this subscriber is none of its business any more.
      guard let place = state.pending.place(of: sequence), state.pending[place].state == .held,
        state.pending[place].holder == state.members[member].number
      else { continue }
      if !reason.isEmpty { state.pending.note(reason, on: sequence) }
      takeBack(place, state, pause: nack.delay)
    }
    state.pending.dropDone()
    pump(key)
  }

  /// What was not acknowledged in time is taken back.
  mutating func expire(_ key: SubscriptionKey) {
    guard let state = subscriptions[key], state.isLive else { return }
    let expired = state.pending.takeExpired(at: now.steady)
    guard !expired.isEmpty else { return }
    for sequence in expired {
      guard let place = state.pending.place(of: sequence) else { continue }
      if state.pending.reason(of: sequence).isEmpty {
        state.pending.note("not acknowledged within \(state.ackWait) ms", on: sequence)
      }
      takeBack(place, state, pause: nil)
    }
    state.pending.dropDone()
  }

  /// Events that one subscription's quarantine holds; when it is full they are tried on and on instead.
  static var mostQuarantined: Int { 10_000 }

  /// A failed attempt is over: the event rests until the next one, or goes to quarantine after the last.
  mutating func takeBack(_ place: Int, _ state: SubscriptionState<Run>, pause: Int?) {
    let attempts = Int(state.pending[place].attempts)
    guard attempts < state.maxAttempts || state.quarantine.count >= Self.mostQuarantined else {
      quarantine(place, state)
      return
    }
    // How often it was tried is kept with the position.
    state.isDirty = true
    state.pending.rest(place, until: later(pause ?? state.pause(after: attempts)), now: now.steady)
  }

  private mutating func quarantine(_ place: Int, _ state: SubscriptionState<Run>) {
    let event = state.pending[place]
    let reason = state.pending.reason(of: event.sequence)
    state.pending.finish(place)
    state.isDirty = true
    state.quarantined += 1
    state.quarantine.append(
      QuarantinedEvent(
        sequence: event.sequence, type: types[event.type], attempts: Int(event.attempts), reason: reason, time: now.wall
      ))
    announce(
      BusQuarantined(
        plugin: state.identity, agency: agency(of: state.identity), subscription: state.name ?? "",
        sequence: String(event.sequence),
        eventType: types[event.type], attempts: Int(event.attempts), message: reason), about: state.identity)
  }

  mutating func save(_ key: SubscriptionKey) {
    guard let state = subscriptions[key], state.isDirty, let name = state.cursorName, let record = state.record else {
      return
    }
    state.isDirty = false
    effects.append(.keep(name: name, cursor: record))
  }
}
