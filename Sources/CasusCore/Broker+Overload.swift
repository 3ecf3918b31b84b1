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
    state.dropped += 1
    if state.isDurable { state.isDirty = true }
    count(dropped: 1, first: sequence, last: sequence, state)
  }

  func count(dropped count: Int, first: UInt64, last: UInt64, _ state: SubscriptionState<Run>) {
    var untold = state.untold ?? Dropped(subscription: 0, first: first, last: last, count: 0)
    untold.first = min(untold.first, first)
    untold.last = max(untold.last, last)
    untold.count = min(untold.count + count, 0x7fff_ffff)
    state.untold = untold
    state.unannouncedDrops += count
    state.overflowed += UInt64(count)
  }

  /// Tells the members what they will not be sent.
  mutating func tellDropped(_ state: SubscriptionState<Run>) {
    guard var dropped = state.untold, state.isLive else { return }
    state.untold = nil
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
    guard let state = subscriptions[key], state.isLive, let cursor = state.cursor else { return }
    tellDropped(state)
    let lag = durable + 1 > cursor ? durable + 1 - cursor : 0
    if lag == 0, state.pending.parkedCount == 0 { state.lagAnnounced = false }
    if lag > 10_000, state.isDurable, !state.lagAnnounced {
      state.lagAnnounced = true
      tellLag(state)
    } else if state.unannouncedDrops > 0, now.steady >= state.nextAnnouncement {
      tellLag(state)
    }
  }

  private mutating func tellLag(_ state: SubscriptionState<Run>) {
    guard let cursor = state.cursor else { return }
    let lag = durable + 1 > cursor ? Int(durable + 1 - cursor) : 0
    tell(
      .lagging(
        BusLagging(
          plugin: state.identity, agency: agency(of: state.identity),
          subscription: state.name ?? "sub-\(state.members.first?.subscription ?? 0)",
          sequence: String(state.ackedThrough), lastSequence: String(durable), lag: lag + state.pending.parkedCount,
          pending: state.pending.sentCount, dropped: Int(clamping: state.overflowed))), .lag, of: state.identity)
    state.unannouncedDrops = 0
    state.nextAnnouncement = later(1_000)
    charge(.lag, to: state)
  }
}
