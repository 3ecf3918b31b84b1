public import CasusEvents
internal import CasusWire
internal import DequeModule

extension Broker {
  /// What each durable subscription still needs: the first sequence that it has not acknowledged or has in quarantine.
  public var needs: [SubscriptionOwner: UInt64] {
    var needs: [SubscriptionOwner: UInt64] = [:]
    for state in subscriptions.all {
      guard let name = state.name, state.cursor != nil else { continue }
      needs[SubscriptionOwner(identity: state.identity, name: name)] = min(
        state.ackedThrough + 1, state.quarantine.first ?? .max)
    }
    return needs
  }

  /// Tells everyone that a subscription holds events back from being removed.
  ///
  /// - Parameter due: when they will be removed all the same; nil for never.
  public mutating func announceHeld(
    _ owner: SubscriptionOwner, _ sequences: ClosedRange<UInt64>, due: Timestamp?, at now: Moment
  ) {
    self.now = now
    tell(
      .retention(
        BusRetention(
          plugin: owner.identity, agency: agency(of: owner.identity), subscription: owner.name, state: .held,
          sequence: String(sequences.lowerBound), lastSequence: String(sequences.upperBound), due: due)),
      .retention, of: owner.identity)
    if let state = durable(owner) { charge(.retention, to: state) }
  }

  /// Takes the events of a run before `end` away from a subscription: what it had not acknowledged of them counts as dropped.
  /// Returns how many these were.
  public mutating func cut(_ owner: SubscriptionOwner, _ run: Run, before end: UInt64, at now: Moment) -> Int {
    self.now = now
    guard let state = durable(owner), run.firstSequence < end else { return 0 }
    let end = min(end, run.lastSequence + 1)
    var dropped = 0
    while let cursor = state.cursor, cursor < end, run.contains(cursor) {
      let stamp = run.stamp(at: Int(cursor - run.firstSequence))
      if state.matches(stamp, types: types, senders: senders), !state.isSkipped(cursor) {
        state.match()
        state.ahead.pass(cursor)
        dropped += 1
      }
      state.cursor = cursor + 1
    }
    dropped += state.pending.finish(run.firstSequence..<end)
    state.pending.dropDone()
    let kept = state.quarantine.places(of: nil, after: end - 1)
    let released = takeOut(0..<kept.lowerBound, state).count
    state.drop(dropped + released)
    if dropped > 0 { state.losses.count(dropped, first: run.firstSequence, last: end - 1) }
    state.isDirty = true
    return dropped + released
  }

  /// Tells everyone that events were removed before a subscription had acknowledged them.
  public mutating func announceCut(
    _ owner: SubscriptionOwner, _ sequences: ClosedRange<UInt64>, dropped: Int, at now: Moment
  ) {
    self.now = now
    tell(
      .retention(
        BusRetention(
          plugin: owner.identity, agency: agency(of: owner.identity), subscription: owner.name, state: .cut,
          sequence: String(sequences.lowerBound), lastSequence: String(sequences.upperBound), dropped: dropped)),
      .retention, of: owner.identity)
    guard let state = durable(owner) else { return }
    charge(.retention, to: state)
    pump(state.key)
  }

  /// Durable subscriptions of plugins, and of groups, that the registry does not know.
  public var unregistered: Set<SubscriptionOwner> {
    var gone: Set<SubscriptionOwner> = []
    let groups = registry.groups
    for state in subscriptions.all where state.isDurable && !state.isLive {
      guard let name = state.name else { continue }
      let isKnown = state.isGroup ? groups.contains(state.identity) : registry.byIdentity[state.identity] != nil
      if !isKnown { gone.insert(SubscriptionOwner(identity: state.identity, name: name)) }
    }
    return gone
  }

  /// Forgets a durable subscription that nobody has taken up: its position, and what waited for it. False when there is none.
  @discardableResult
  public mutating func forget(_ owner: SubscriptionOwner, at now: Moment) -> Bool {
    self.now = now
    guard let state = durable(owner), !state.isLive, let name = state.cursorName else { return false }
    let first = state.ackedThrough + 1
    forget(state)
    forgetHeard(owner.identity)
    effects.append(.keep(name: name, cursor: nil))
    tell(
      .retention(
        BusRetention(
          plugin: owner.identity, agency: agency(of: owner.identity), subscription: owner.name, state: .forgotten,
          sequence: String(first), lastSequence: String(max(first, durable)))),
      .retention, of: owner.identity)
    return true
  }

  /// What a plugin that is away was sent counts no more than its other positions say: it begins anew.
  private mutating func forgetHeard(_ identity: String) {
    guard let record = plugins[identity], record.sessions == 0 else { return }
    record.heard = subscriptions.all.reduce(into: []) { heard, state in
      if hears(identity, state) { heard.formUnion(state.heard) }
    }
  }

  /// Whether what a subscription was sent is what a plugin has heard: its own, and that of a group that it may be a member of.
  func hears(_ identity: String, _ state: SubscriptionState<Run>) -> Bool {
    guard state.isGroup, let name = state.name else { return state.identity == identity }
    guard let entry = registry.byIdentity[identity] else { return false }
    return entry.groups.contains(name) && entry.identity(ofGroup: name) == state.identity
  }

  /// `subscription-forget`: parameters `plugin` and `subscription`; for operators.
  mutating func forgetSubscription(_ request: Request, of entry: PluginEntry, _ peer: PeerID) throws(WireError) {
    guard entry.roles.contains(.operator) else {
      throw WireError(.roleRequired, "forgetting a subscription needs the role operator", pointer: "/what")
    }
    guard let plugin = request.parameters["plugin"], let name = request.parameters["subscription"] else {
      throw WireError(
        .malformedControl, "subscription-forget needs the parameters plugin and subscription", pointer: "/parameters")
    }
    let owner = SubscriptionOwner(identity: plugin, name: name)
    guard let state = durable(owner) else {
      throw WireError(.unknownSubscription, "\(bounded(plugin)) has no durable subscription of that name")
    }
    guard !state.isLive else {
      throw WireError(.subscriptionInUse, "\(bounded(plugin)) is using it: end that session first")
    }
    if let session = sessions[peer] { leavesTrace(session) }
    forget(owner, at: now)
    effects.append(.note("\(entry.identity) has forgotten the subscription \(plugin)#\(name)"))
    effects.append(.send(peer, .reply(Reply(id: request.id, result: Array(#"{"forgotten":true}"#.utf8)))))
  }

  /// The journal begins with `first` now: nobody looks for anything before it.
  public mutating func forgot(before first: UInt64, at now: Moment) {
    self.now = now
    guard first > self.first else { return }
    self.first = first
    for state in subscriptions.all {
      if state.cursor != nil, state.ackedThrough + 1 < first { leaveOut(state.ackedThrough + 1..<first, state) }
    }
  }

  private func durable(_ owner: SubscriptionOwner) -> SubscriptionState<Run>? {
    subscriptions.durable(owner.identity, owner.name)
  }
}
