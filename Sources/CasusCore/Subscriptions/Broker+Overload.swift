internal import CasusEvents
internal import CasusWire

extension Broker {
  /// Events that may wait in a group for a member that is cleared for them.
  static var mostUncleared: Int { 1_024 }

  /// Whether a matching event that nobody takes now may wait while the cursor goes on.
  func mayPark(_ state: SubscriptionState<Run>, _ sequence: UInt64) -> Bool {
    switch state.overload.policy {
    case .dropOldest: true
    case .disconnect: sequence > state.liveAfter
    case .block:
      // In a group one may lack the clearance that others have; with nobody ready at all, the journal is the queue.
      state.isGroup && state.readiness != nil && state.pending.parkedCount < Self.mostUncleared
        && state.pending.sentCount < options.limits.pendingEvents
    }
  }

  private func isOverBound(_ state: SubscriptionState<Run>) -> Bool {
    state.pending.parkedCount > state.overload.events
      || state.pending.parkedBytes > state.overload.bytes && state.pending.parkedCount > 1
  }

  /// Drops the oldest waiting events beyond the bound, where the policy says so.
  func boundParked(_ state: SubscriptionState<Run>) {
    guard state.overload.policy == .dropOldest else { return }
    while isOverBound(state), let oldest = state.pending.nextParked(ClearanceLevel(.red)),
      let place = state.pending.place(of: oldest)
    {
      giveUp(place, state)
    }
  }

  /// One that is not sent any more, counted and told.
  func giveUp(_ place: Int, _ state: SubscriptionState<Run>) {
    let sequence = state.pending[place].sequence
    state.pending.finish(place)
    state.pending.dropDone()
    state.drop(1)
    if state.isDurable { state.isDirty = true }
    state.losses.count(1, first: sequence, last: sequence)
  }

  /// Tells the members what they will not be sent.
  mutating func tellDropped(_ state: SubscriptionState<Run>) {
    guard state.isLive, var dropped = state.losses.takeUntold() else { return }
    state.isDirty = true
    for member in state.members {
      dropped.subscription = member.subscription
      effects.append(.send(member.peer, .dropped(dropped)))
    }
  }

  func isTooSlow(_ state: SubscriptionState<Run>) -> Bool {
    state.overload.policy == .disconnect && isOverBound(state)
  }

  /// Ends the sessions of a subscriber that its own policy calls too slow. What waited is pending still when it is durable.
  mutating func cutOff(_ state: SubscriptionState<Run>) {
    let members = state.members
    let text =
      "\(state.pending.parkedCount) events of \(state.pending.parkedBytes) bytes wait; allowed are "
      + "\(state.overload.events) of \(state.overload.bytes)"
    tellLag(state)
    for member in members {
      fail(
        member.peer, WireError(.tooSlow, text), command: "subscribe", number: member.subscription, fatal: true)
      close(member.peer, reason: "error", because: "too slow: \(text)")
    }
  }

  /// Identities and groups begin with their agency.
  func agency(of identity: String) -> String { String(identity.prefix { $0 != "/" }) }

  /// Tells everyone when a subscriber is far behind, and when it loses events: at most once a second for each.
  mutating func watchLag(_ key: SubscriptionKey) {
    guard let state = subscriptions[key], state.isLive, state.cursor != nil else { return }
    tellDropped(state)
    let lag = lag(of: state)
    let isWaiting = state.pending.parkedCount > 0
    if state.losses.isToTell(lag: lag, isWaiting: isWaiting, isDurable: state.isDurable, at: now.steady) {
      tellLag(state)
    }
  }

  private mutating func tellLag(_ state: SubscriptionState<Run>) {
    guard state.cursor != nil else { return }
    let lag = Int(clamping: lag(of: state))
    tell(
      .lagging(
        BusLagging(
          plugin: state.identity, agency: agency(of: state.identity),
          subscription: state.name ?? "sub-\(state.members.first?.subscription ?? 0)",
          sequence: String(state.ackedThrough), lastSequence: String(durable), lag: lag + state.pending.parkedCount,
          pending: state.pending.sentCount, dropped: Int(clamping: state.losses.total))), .lag, of: state.identity)
    state.losses.told(at: now.steady)
    charge(.lag, to: state)
  }
}
