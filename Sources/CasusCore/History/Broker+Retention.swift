public import CasusEvents
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
