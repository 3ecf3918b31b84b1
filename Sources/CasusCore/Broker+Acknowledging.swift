internal import CasusEvents
internal import CasusWire
internal import DequeModule

extension Broker {
  mutating func grant(_ credit: Credit, of peer: PeerID) throws(WireError) {
    let key = try key(credit.subscription, of: peer)
    add(events: credit.events, bytes: credit.bytes, to: key)
    pump(key)
  }

  mutating func add(events: Int, bytes: Int, to key: SubscriptionKey) {
    guard let state = subscriptions[key] else { return }
    state.creditEvents = min(state.creditEvents + events, 1 << 20)
    state.creditBytes = min(state.creditBytes + bytes, options.limits.creditBytes)
  }

  mutating func acknowledge(_ ack: Ack, of peer: PeerID) throws(WireError) {
    let key = try key(ack.subscription, of: peer)
    guard let state = subscriptions[key], state.isDurable else {
      throw WireError(.unknownSubscription, "an ephemeral subscription has nothing to acknowledge", pointer: "/sub")
    }
    var count = 0
    if let through = ack.through {
      for place in state.inFlight.indices {
        guard state.inFlight[place].sequence <= through else { break }
        // One that waits to be sent again is not with the subscriber: it cannot mean that one.
        if state.inFlight[place].isDue { continue }
        if state.finish(at: place) { count += 1 }
      }
    }
    for sequence in ack.also {
      if let place = state.place(of: sequence), state.finish(at: place) { count += 1 }
    }
    state.dropDone()
    state.acked += UInt64(count)
    plugins[state.identity]?.acked += count
  }

  mutating func nack(_ nack: Nack, of peer: PeerID) throws(WireError) {
    let key = try key(nack.subscription, of: peer)
    guard let state = subscriptions[key], state.isDurable else {
      throw WireError(.unknownSubscription, "an ephemeral subscription has nothing to refuse", pointer: "/sub")
    }
    for sequence in nack.sequences {
      guard let place = state.place(of: sequence), !state.inFlight[place].isDone else { continue }
      state.inFlight[place].isDue = true
      state.inFlight[place].deadline = later(nack.delay)
      state.inFlight[place].reason = bounded(nack.reason)
    }
    quarantine(state)
    pump(key)
  }

  /// Whose time to be acknowledged is over becomes due again, or goes to quarantine.
  mutating func expire(_ key: SubscriptionKey) {
    guard let state = subscriptions[key], state.peer != nil, !state.inFlight.isEmpty else { return }
    var changed = false
    for place in state.inFlight.indices {
      let item = state.inFlight[place]
      guard !item.isDue, !item.isDone, item.deadline <= now.steady else { continue }
      state.inFlight[place].isDue = true
      if item.reason.isEmpty { state.inFlight[place].reason = "not acknowledged within \(state.ackWait) ms" }
      changed = true
    }
    guard changed else { return }
    quarantine(state)
  }

  /// Takes out what was tried as often as it may be.
  private mutating func quarantine(_ state: SubscriptionState<Run>) {
    for place in state.inFlight.indices {
      let item = state.inFlight[place]
      guard item.isDue, !item.isDone, item.attempts >= state.maxAttempts, let name = state.name else { continue }
      guard state.finish(at: place) else { continue }
      state.quarantined += 1
      state.quarantine.append(
        QuarantinedEvent(
          sequence: item.sequence, type: types[item.type], attempts: item.attempts, reason: item.reason, time: now.wall)
      )
      plugins[state.identity]?.quarantined += 1
      let agency = plugins[state.identity]?.agency ?? ""
      announce(
        BusQuarantined(
          plugin: state.identity, agency: agency, subscription: name, sequence: String(item.sequence),
          eventType: types[item.type], attempts: item.attempts, message: item.reason), about: state.identity)
    }
    state.dropDone()
  }

  /// Tells once when a live durable subscription is far behind, and again only after it has caught up.
  mutating func watchLag(_ key: SubscriptionKey) {
    guard let state = subscriptions[key], state.peer != nil, let name = state.name, let cursor = state.cursor else {
      return
    }
    let lag = durable + 1 > cursor ? Int(durable + 1 - cursor) : 0
    if lag == 0 { subscriptions[key]?.lagAnnounced = false }
    guard lag > 10_000, !state.lagAnnounced else { return }
    subscriptions[key]?.lagAnnounced = true
    announce(
      BusLagging(
        plugin: state.identity, agency: plugins[state.identity]?.agency ?? "", subscription: name,
        sequence: String(state.ackedThrough), lastSequence: String(durable), lag: lag, pending: state.pending),
      about: state.identity)
  }

  mutating func save(_ key: SubscriptionKey) {
    guard let state = subscriptions[key], state.isDirty, let name = state.cursorName, let record = state.record else {
      return
    }
    subscriptions[key]?.isDirty = false
    effects.append(.keep(name: name, cursor: record))
  }
}
