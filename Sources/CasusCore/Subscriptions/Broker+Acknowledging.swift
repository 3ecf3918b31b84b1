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
    if let through = ack.through {
      count += state.pending.finish(through: through, of: number, &state.members[member].firsts)
    }
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
    state.acknowledge(count)
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
    let number = state.members[member].number
    var quarantined = 0
    for sequence in nack.sequences {
      // One that is not with this subscriber is none of its business any more.
      guard let place = state.pending.place(of: sequence), state.pending[place].state == .held,
        state.pending[place].holder == number
      else { continue }
      if !reason.isEmpty { state.pending.note(reason, on: sequence) }
      if takeBack(place, state, pause: nack.delay) { quarantined += 1 }
    }
    state.pending.dropDone()
    tellQuarantined(quarantined, state)
    pump(key)
    if let entry = sessions[peer]?.entry { charge(.quarantine, count: quarantined, to: entry, peer) }
  }

  /// Keeps the positions that have changed.
  ///
  /// - Parameter most: pending events that are looked at.
  mutating func save(most: Int) {
    for (name, record) in subscriptions.takeChanged(most: most) { effects.append(.keep(name: name, cursor: record)) }
  }

  /// About a millisecond's work.
  static var mostSaved: Int { 262_144 }
}
