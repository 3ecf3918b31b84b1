internal import CasusEvents
public import CasusWire
internal import DequeModule

extension Broker {
  mutating func subscribe(_ request: Subscribe, of peer: PeerID) throws(WireError) {
    guard let session = sessions[peer] else { throw WireError(.noSession) }
    guard session.subscriptions[request.subscription] == nil else {
      throw WireError(.subscriptionInUse, "number \(request.subscription) is in use", pointer: "/sub")
    }
    guard session.subscriptions.count < options.limits.subscriptions else {
      throw WireError(.tooManySubscriptions, "taken are \(options.limits.subscriptions)")
    }
    let types = try patterns(request.types, "/types")
    guard !types.isEmpty else { throw WireError(.badPattern, "no type pattern at all", pointer: "/types") }
    let senders = try senderPatterns(request.senders)
    for (place, pattern) in types.enumerated() where !Self.permits(session.entry, [pattern]) {
      throw WireError(
        .subscriptionNotPermitted, "\(session.entry.identity) may not subscribe to \(pattern)",
        pointer: "/types/\(place)")
    }
    if let name = request.name {
      guard (1...100).contains(name.utf8.count), name.utf8.allSatisfy({ 0x20 < $0 && $0 < 0x7f && $0 != 0x23 }) else {
        throw WireError(.malformedControl, "a name is 1 to 100 ASCII characters without # and space", pointer: "/name")
      }
      try attachDurable(request, name, types, senders, to: session)
    } else {
      let key = newKey()
      let state = SubscriptionState<Run>(
        key: key, identity: session.entry.identity, name: nil, types: types, senders: senders,
        ackWait: request.ackWait, maxAttempts: request.maxAttempts, wantsProgress: request.progress)
      try begin(state, request)
      subscriptions[key] = state
      attach(key, request, to: peer)
    }
  }

  private mutating func newKey() -> SubscriptionKey {
    defer { nextKey += 1 }
    return SubscriptionKey(number: nextKey)
  }

  private mutating func attachDurable(
    _ request: Subscribe, _ name: String, _ types: [TypePattern], _ senders: [SenderPattern], to session: Session
  ) throws(WireError) {
    let identity = session.entry.identity
    let cursorName = "\(identity)#\(name)"
    let known = durables[cursorName].flatMap { subscriptions[$0] }
    if let known, known.peer != nil {
      throw WireError(.subscriptionInUse, "'\(name)' is held by a live session", pointer: "/name")
    }
    let key = known?.key ?? newKey()
    // A new filter takes effect from the kept position on.
    let state = SubscriptionState<Run>(
      key: key, identity: identity, name: name, types: types, senders: senders, ackWait: request.ackWait,
      maxAttempts: request.maxAttempts, wantsProgress: request.progress)
    if let known {
      state.resume(known)
    } else {
      try begin(state, request)
      state.isUnkept = true
    }
    state.isDirty = true
    durables[cursorName] = key
    subscriptions[key] = state
    attach(key, request, to: session.peer)
  }

  private mutating func begin(_ state: SubscriptionState<Run>, _ request: Subscribe) throws(WireError) {
    switch request.start {
    case .earliest: state.cursor = first
    case .latest: state.cursor = durable + 1
    case .sequence(let sequence):
      guard sequence >= first else {
        throw WireError(.sequenceGone, "the journal begins with \(first)", pointer: "/sequence")
      }
      state.cursor = sequence
    case .time(let time):
      state.cursor = nil
      effects.append(.locate(state.key, time))
    }
  }

  private mutating func attach(_ key: SubscriptionKey, _ request: Subscribe, to peer: PeerID) {
    sessions[peer]?.subscriptions[request.subscription] = key
    subscriptions[key]?.peer = peer
    subscriptions[key]?.number = request.subscription
    subscriptions[key]?.clearance = sessions[peer]?.entry.clearance ?? .clear
    add(events: request.creditEvents, bytes: request.creditBytes, to: key)
    start(key)
  }

  /// Tells the client where its subscription begins, as soon as that is known and, for a new durable one, on disk.
  private mutating func start(_ key: SubscriptionKey) {
    guard let state = subscriptions[key], state.cursor != nil else { return }
    if state.isUnkept, let name = state.cursorName, let record = state.record {
      effects.append(.keepFirst(key, name: name, cursor: record))
      return
    }
    confirm(key)
    pump(key)
  }

  /// The position of a new durable subscription is on disk; or could not be written, and then there is none.
  public mutating func kept(_ key: SubscriptionKey, failure: WireErrorCode?, at now: Moment) {
    self.now = now
    guard let state = subscriptions[key], state.isUnkept else { return }
    state.isUnkept = false
    guard let failure else {
      start(key)
      return
    }
    if let peer = state.peer {
      fail(peer, WireError(failure), command: "subscribe", number: state.number)
      sessions[peer]?.subscriptions[state.number] = nil
    }
    subscriptions[key] = nil
    if let name = state.cursorName { durables[name] = nil }
  }

  private mutating func confirm(_ key: SubscriptionKey) {
    guard let state = subscriptions[key], let peer = state.peer, let cursor = state.cursor else { return }
    effects.append(
      .send(
        peer,
        .subscribed(
          Subscribed(
            subscription: state.number, next: cursor, acked: state.isDurable ? state.ackedThrough : nil, last: durable))
      ))
  }

  /// The journal's answer to `locate`: the first sequence recorded then or later, `durable + 1` when there is none.
  public mutating func located(_ key: SubscriptionKey, _ sequence: UInt64, at now: Moment) {
    self.now = now
    guard subscriptions[key] != nil else { return }
    subscriptions[key]?.cursor = max(sequence, first)
    start(key)
  }

  /// The session ended: a durable subscription waits for the next one, an ephemeral one is over.
  mutating func detach(_ key: SubscriptionKey) {
    guard let state = subscriptions[key] else { return }
    guard state.isDurable, state.cursor != nil else {
      subscriptions[key] = nil
      if let name = state.cursorName { durables[name] = nil }
      return
    }
    state.peer = nil
    state.creditEvents = 0
    state.creditBytes = 0
    state.history = nil
    state.reading = nil
    // What was sent and not acknowledged may be lost: it is sent again to whoever comes next.
    for place in state.inFlight.indices { state.inFlight[place].isDue = true }
  }

  mutating func unsubscribe(_ request: Unsubscribe, of peer: PeerID) throws(WireError) {
    let key = try key(request.subscription, of: peer)
    sessions[peer]?.subscriptions[request.subscription] = nil
    let name = subscriptions[key]?.cursorName
    detach(key)
    if request.forget, let name {
      subscriptions[key] = nil
      durables[name] = nil
      effects.append(.keep(name: name, cursor: nil))
    }
    effects.append(.send(peer, .unsubscribed(Unsubscribed(subscription: request.subscription))))
  }

  func key(_ number: Int, of peer: PeerID) throws(WireError) -> SubscriptionKey {
    guard let key = sessions[peer]?.subscriptions[number] else {
      throw WireError(.unknownSubscription, "no subscription \(number)", pointer: "/sub")
    }
    return key
  }

  private func patterns(_ texts: [String], _ pointer: String) throws(WireError) -> [TypePattern] {
    var patterns: [TypePattern] = []
    for (place, text) in texts.enumerated() {
      guard let pattern = TypePattern(text) else {
        throw WireError(.badPattern, "'\(text.prefix(100))' is not a pattern", pointer: "\(pointer)/\(place)")
      }
      patterns.append(pattern)
    }
    return patterns
  }

  private func senderPatterns(_ texts: [String]) throws(WireError) -> [SenderPattern] {
    var patterns: [SenderPattern] = []
    for (place, text) in texts.enumerated() {
      guard let pattern = SenderPattern(text) else {
        throw WireError(
          .badPattern, "'\(text.prefix(100))' is neither AGENCY/PLUGIN nor AGENCY/*", pointer: "/senders/\(place)")
      }
      patterns.append(pattern)
    }
    return patterns
  }

  /// Durable subscriptions of an earlier life, waiting for their plugins.
  mutating func restore(_ cursors: [CursorRecord]) {
    for cursor in cursors {
      let types = cursor.types.compactMap(TypePattern.init)
      let senders = cursor.senders.compactMap(SenderPattern.init)
      guard types.count == cursor.types.count, senders.count == cursor.senders.count else {
        effects.append(.note("the position of \(cursor.identity)#\(cursor.name) cannot be read and is left aside"))
        continue
      }
      let key = newKey()
      let state = SubscriptionState<Run>(
        key: key, identity: cursor.identity, name: cursor.name, types: types, senders: senders,
        ackWait: cursor.ackWait, maxAttempts: cursor.maxAttempts, wantsProgress: false)
      // A journal that lost its end in a way nobody saw must not make the subscription wait for ever.
      state.cursor = min(max(cursor.acked + 1, first), durable + 1)
      state.skip = Set(cursor.done.filter { $0 > cursor.acked })
      state.matched = cursor.matched
      state.acked = cursor.ackedCount
      state.quarantined = cursor.quarantined
      state.dropped = cursor.dropped
      state.quarantine = cursor.quarantine
      // They were delivered in an earlier life and are in quarantine still: a retry or a drop counts from here.
      plugins[cursor.identity]?.delivered += cursor.quarantine.count
      plugins[cursor.identity]?.quarantined += cursor.quarantine.count
      subscriptions[key] = state
      if let name = state.cursorName { durables[name] = key }
    }
  }
}
