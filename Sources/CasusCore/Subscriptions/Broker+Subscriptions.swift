internal import CasusEvents
internal import CasusNames
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
    if request.group != nil {
      try joinGroup(request, types, senders, session)
    } else if let name = request.name {
      guard Name.isValid(name) else {
        throw WireError(.malformedControl, "'\(bounded(name))' is no name: \(Name.alphabet)", pointer: "/name")
      }
      let identity = session.entry.identity
      let known = subscriptions.durable(identity, name)
      guard known?.isLive != true else {
        throw WireError(.subscriptionInUse, "'\(name)' is held by a live session", pointer: "/name")
      }
      let state = make(request, known?.key, identity, name, types, senders)
      try begin(state, after: known, request, session)
    } else {
      let state = make(request, nil, session.entry.identity, nil, types, senders)
      try begin(state, after: nil, request, session)
    }
    // The broker keeps a position for it.
    if request.name != nil || request.group != nil { leavesTrace(session) }
  }

  /// A group is one durable subscription of an agency; who may be a member says the registry.
  private mutating func joinGroup(
    _ request: Subscribe, _ types: [TypePattern], _ senders: [SenderPattern], _ session: Session
  ) throws(WireError) {
    guard request.name == nil, let group = request.group else {
      throw WireError(.malformedControl, "a subscription has a name or a group, not both", pointer: "/group")
    }
    guard session.entry.groups.contains(group) else {
      throw WireError(
        .groupNotPermitted, "\(session.entry.identity) is no member of '\(bounded(group))' in the registry",
        pointer: "/group")
    }
    guard request.overload.policy != .disconnect else {
      throw WireError(
        .malformedControl, "a group's overload policy is block or drop-oldest", pointer: "/overload/policy")
    }
    let identity = session.entry.identity(ofGroup: group)
    let known = subscriptions.durable(identity, group)
    let state = make(request, known?.key, identity, group, types, senders)
    guard let known, known.isLive else {
      try begin(state, after: known, request, session)
      return
    }
    guard known.place(of: session.peer) == nil else {
      throw WireError(.subscriptionInUse, "this session is a member of '\(group)' already", pointer: "/group")
    }
    guard known.asksTheSame(as: state) else {
      throw WireError(.groupDiffers, "the live members of '\(group)' subscribed otherwise", pointer: "/group")
    }
    attach(known.key, request, to: session)
    if known.cursor != nil, known.hasBegun {
      confirm(known)
      pump(known.key)
    }
  }

  private mutating func make(
    _ request: Subscribe, _ key: SubscriptionKey?, _ identity: String, _ name: String?, _ types: [TypePattern],
    _ senders: [SenderPattern]
  ) -> SubscriptionState<Run> {
    SubscriptionState(
      key: key ?? subscriptions.newKey(), identity: identity, name: name, isGroup: request.group != nil, types: types,
      senders: senders, ackWait: request.ackWait, maxAttempts: request.maxAttempts, backoff: request.backoff,
      overload: request.overload)
  }

  /// A subscription's first member has come. A new filter takes effect from the kept position on.
  private mutating func begin(
    _ state: SubscriptionState<Run>, after known: SubscriptionState<Run>?, _ request: Subscribe, _ session: Session
  ) throws(WireError) {
    if let known {
      state.resume(known)
      if !state.wantsTheSame(as: known) { state.ahead.forget(through: durable) }
    } else {
      // Each is a position on disk for ever, and may hold back retention: there are only so many, held or not.
      guard !state.isDurable || subscriptions.durableCount(of: state.identity) < options.limits.subscriptions else {
        throw WireError(
          .tooManySubscriptions, "\(state.identity) has \(options.limits.subscriptions) durable ones; forget one",
          pointer: "/name")
      }
      switch request.start {
      case .earliest: state.cursor = first
      case .latest: state.cursor = durable + 1
      case .sequence(let sequence):
        guard sequence >= first else {
          throw WireError(.sequenceGone, "the journal begins with \(first)", pointer: "/sequence")
        }
        state.cursor = sequence
      case .time(let time): effects.append(.locate(state.key, time))
      }
      state.isUnkept = state.isDurable
      state.ahead.forget(through: durable)
    }
    state.isDirty = state.isDurable
    state.liveAfter = durable
    subscriptions.add(state)
    attach(state.key, request, to: session)
    start(state)
    if known == nil, state.isDurable { charge(.subscription, to: session.entry, session.peer) }
  }

  private mutating func attach(_ key: SubscriptionKey, _ request: Subscribe, to session: Session) {
    guard let state = subscriptions[key] else { return }
    sessions[session.peer]?.subscriptions[request.subscription] = key
    // A member of a group takes over what others of it have heard.
    session.record.heard.formUnion(state.heard)
    state.lastMember += 1
    setClearance(of: state)
    state.members.append(
      Member(
        number: state.lastMember, peer: session.peer, subscription: request.subscription,
        record: session.record, wantsProgress: request.progress,
        clearance: ClearanceLevel(session.entry.clearance), isHeldUp: session.isHeldUp))
    add(events: request.creditEvents, bytes: request.creditBytes, to: key, session.peer)
  }

  /// Its clearance is as the registry says now.
  func setClearance(of state: SubscriptionState<Run>) {
    let clearance = clearance(of: state)
    guard clearance != state.clearance else { return }
    state.clearance = clearance
    state.ahead.forget(through: durable)
  }

  /// What a subscription may match at all: what its plugin may read; of a group, what any permitted member may read, here
  /// or not, so that an event for the one who is away waits and is not passed over.
  func clearance(of state: SubscriptionState<Run>) -> TLP {
    guard state.isGroup, let group = state.name else { return registry.byIdentity[state.identity]?.clearance ?? .red }
    let agency = agency(of: state.identity)
    return registry.byIdentity.values.filter { $0.agency == agency && $0.groups.contains(group) }.map(\.clearance).max()
      ?? .red
  }

  /// Tells the client where its subscription begins, as soon as that is known and, for a new durable one, on disk.
  mutating func start(_ state: SubscriptionState<Run>) {
    guard state.cursor != nil else { return }
    if state.isUnkept, let name = state.cursorName, let record = state.record {
      // One write is enough, however many sessions wait for it.
      guard !state.isBeingKept else { return }
      state.isBeingKept = true
      effects.append(.keepFirst(state.key, name: name, cursor: record))
      return
    }
    guard state.hasBegun else { return }
    confirm(state)
    pump(state.key)
  }

  /// The position of a new durable subscription is on disk; or could not be written, and then there is none.
  public mutating func kept(_ key: SubscriptionKey, failure: WireErrorCode?, at now: Moment) {
    self.now = now
    guard let state = subscriptions[key], state.isUnkept else { return }
    state.isUnkept = false
    state.isBeingKept = false
    guard let failure else {
      start(state)
      return
    }
    for member in state.members {
      fail(member.peer, WireError(failure), command: "subscribe", number: member.subscription)
      sessions[member.peer]?.subscriptions[member.subscription] = nil
    }
    forget(state)
  }

  private mutating func confirm(_ state: SubscriptionState<Run>) {
    guard let cursor = state.cursor else { return }
    for place in state.members.indices where !state.members[place].isConfirmed {
      state.members[place].isConfirmed = true
      effects.append(
        .send(
          state.members[place].peer,
          .subscribed(
            Subscribed(
              subscription: state.members[place].subscription, next: cursor,
              acked: state.isDurable ? state.ackedThrough : nil, last: durable))))
    }
  }

  /// The journal's answer to `locate`: the first sequence recorded then or later, `durable + 1` when there is none.
  public mutating func located(_ key: SubscriptionKey, _ sequence: UInt64, at now: Moment) {
    self.now = now
    guard let state = subscriptions[key], state.cursor == nil else { return }
    state.cursor = max(sequence, first)
    state.ahead.forget(through: durable)
    start(state)
  }

  /// A session has left: its events go to the other members; with none left a durable subscription waits for the next
  /// session, an ephemeral one is over.
  ///
  /// What it was sent and has not acknowledged may be lost, or may be what ended it: that counts as an attempt, unless it
  /// left in good order.
  mutating func detach(_ key: SubscriptionKey, _ peer: PeerID, inGoodOrder: Bool = false) {
    guard let state = subscriptions[key], let place = state.place(of: peer) else { return }
    let member = state.members.remove(at: place)
    if !state.isLive {
      guard state.isDurable, state.cursor != nil else {
        forget(state)
        return
      }
      state.history = nil
      state.reading = nil
    }
    state.leavers.append(Leaver(member: member.number, plugin: member.identity, inGoodOrder: inGoodOrder))
    takeBack(state)
  }

  mutating func forget(_ state: SubscriptionState<Run>) {
    guard subscriptions.remove(state) else { return }
    consequences.quarantine(-state.quarantine.count, of: state.identity)
  }

  mutating func unsubscribe(_ request: Unsubscribe, of peer: PeerID) throws(WireError) {
    let key = try key(request.subscription, of: peer)
    if request.forget, let state = subscriptions[key], state.members.count > 1 {
      throw WireError(.subscriptionInUse, "'\(state.name ?? "")' has other members", pointer: "/forget")
    }
    sessions[peer]?.subscriptions[request.subscription] = nil
    if request.forget, let state = subscriptions[key], let name = state.cursorName {
      forget(state)
      effects.append(.keep(name: name, cursor: nil))
    } else {
      detach(key, peer, inGoodOrder: true)
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
      guard types.count == cursor.types.count, senders.count == cursor.senders.count, Name.isValid(cursor.name) else {
        effects.append(.note("the position of \(cursor.identity)#\(cursor.name) cannot be read and is left aside"))
        continue
      }
      let state = SubscriptionState<Run>(
        key: subscriptions.newKey(), identity: cursor.identity, name: cursor.name, isGroup: cursor.isGroup,
        types: types,
        senders: senders, ackWait: cursor.ackWait, maxAttempts: cursor.maxAttempts, backoff: [], overload: Overload())
      if cursor.acked > durable {
        effects.append(
          .note(
            "the journal ends with \(durable), but \(cursor.identity)#\(cursor.name) had \(cursor.acked): the disk has "
              + "lost what it confirmed"))
      }
      // Also of a subscriber that is away, retention counts what it would have matched.
      state.clearance = clearance(of: state)
      // A journal that lost its end in a way nobody saw must not make the subscription wait for ever.
      state.cursor = min(max(cursor.acked + 1, first), durable + 1)
      state.ahead.forget(through: durable)
      // Sequences that such a journal has lost are given to other events: nothing was done with those.
      let kept = durable
      state.skip = Deque(
        cursor.done.lazy.filter { $0.upperBound > cursor.acked && $0.lowerBound <= kept }
          .map { $0.lowerBound...min($0.upperBound, kept) })
      state.heard = StampFlags(rawValue: cursor.marks).marks
      if !state.heard.isEmpty {
        for record in plugins.values where hears(record.identity, state) { record.heard.formUnion(state.heard) }
      }
      state.failures = Deque(cursor.failures.filter { $0.last <= kept })
      consequences.quarantine(cursor.quarantine.count, of: cursor.identity)
      if !state.restoreBooks(cursor) {
        effects.append(
          .note(
            "the position of \(cursor.identity)#\(cursor.name) does not add up: \(cursor.matched) matched are not the "
              + "\(state.matched) acknowledged, quarantined or dropped, which count"))
      }
      subscriptions.add(state)
    }
  }
}

extension SubscriptionState {
  /// Whether the same events are for both.
  func wantsTheSame(as other: SubscriptionState) -> Bool {
    types.map(\.text) == other.types.map(\.text) && senders == other.senders
  }

  /// Whether a further member of a group means the same subscription.
  func asksTheSame(as other: SubscriptionState) -> Bool {
    wantsTheSame(as: other) && ackWait == other.ackWait && maxAttempts == other.maxAttempts && backoff == other.backoff
      && overload == other.overload
  }
}
