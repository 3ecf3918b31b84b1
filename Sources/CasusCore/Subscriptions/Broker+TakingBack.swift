internal import CasusEvents
internal import CasusWire
internal import DequeModule

/// Somebody who has left a subscription, and whose events are being taken back.
struct Leaver {
  let member: UInt32
  let plugin: String
  /// Then its attempts do not count.
  let inGoodOrder: Bool
  /// The first event that was not looked at.
  var next: UInt64 = 0
  var looked = 0
  var quarantined = 0
}

/// What a subscriber was sent and did not finish is taken back: refused, not acknowledged in time, or left behind. It may be
/// some 65,000 events of each of 64 subscriptions at once, so that this is done in slices, with others' turns in between.
extension Broker {
  /// A failed attempt is over: the event rests until the next one, or goes to quarantine after the last; then this is true.
  mutating func takeBack(_ place: Int, _ state: SubscriptionState<Run>, pause: Int?) -> Bool {
    let attempts = Int(state.pending[place].attempts)
    // How often it was tried is kept with the position.
    state.isDirty = true
    var pause = pause ?? state.pause(after: attempts)
    if attempts >= state.maxAttempts {
      if consequences.hasRoom(of: state.identity) {
        quarantine(place, state)
        return true
      }
      pause = max(pause, Act.pauseWithoutRoom)
    }
    state.pending.rest(place, until: later(pause), now: now.steady)
    return false
  }

  private mutating func quarantine(_ place: Int, _ state: SubscriptionState<Run>) {
    let event = state.pending[place]
    let reason = state.pending.reason(of: event.sequence)
    state.pending.finish(place)
    state.quarantine.add(
      QuarantinedEvent(
        sequence: event.sequence, type: types[event.type], attempts: Int(event.attempts), reason: reason,
        tlp: event.level.marking, time: now.wall))
    consequences.quarantine(1, of: state.identity)
  }

  /// Tells everyone of the last events that went to quarantine: the first few one by one, the others together.
  mutating func tellQuarantined(_ count: Int, _ state: SubscriptionState<Run>) {
    guard count > 0 else { return }
    var rest = state.quarantine.events.suffix(count)
    let isFull = consequences.hasRoom(of: state.identity) ? nil : true
    while let event = rest.first, consequences.mayTell(.quarantine, of: state.identity, at: now.steady) {
      rest.removeFirst()
      var told = notice(of: event, state)
      if rest.isEmpty { told.isFull = isFull }
      announce(.quarantined(told, marking: event.tlp), .quarantine, of: state.identity)
    }
    guard let last = rest.last else { return }
    var together = notice(of: last, state)
    together.isFull = isFull
    if rest.count > 1 {
      let sequences = rest.lazy.map(\.sequence)
      together.sequence = String(sequences.min() ?? last.sequence)
      together.lastSequence = String(sequences.max() ?? last.sequence)
      together.count = rest.count
    }
    consequences.hold(.quarantine, .quarantined(together, marking: last.tlp), of: state.identity)
  }

  private func notice(of event: QuarantinedEvent, _ state: SubscriptionState<Run>) -> BusQuarantined {
    BusQuarantined(
      plugin: state.identity, agency: agency(of: state.identity), subscription: state.name ?? "",
      sequence: String(event.sequence), eventType: event.type, attempts: event.attempts,
      message: event.reason.isEmpty ? "no reason was given" : event.reason)
  }

  // MARK: Slices

  /// Takes back what there is to take back of a subscription, as far as this turn goes; `takeBackMore` does the rest.
  mutating func takeBack(_ state: SubscriptionState<Run>) {
    turns.beginTakingBack(at: now.steady)
    takeBackFromLeavers(state)
    expire(state)
    if !state.leavers.isEmpty || state.isLive && state.pending.isDue(at: now.steady), !state.isTakingBack {
      state.isTakingBack = true
      turns.takeBackMore(state.key)
    }
    if turns.isTakingBack { askForTurn() }
  }

  /// A turn for those that are not through.
  mutating func takeBackMore() {
    turns.beginTakingBack(at: now.steady, anew: true)
    for _ in 0..<turns.takingBackCount {
      guard let key = turns.nextToTakeBack() else { return }
      guard let state = subscriptions[key] else { continue }
      state.isTakingBack = false
      takeBack(state)
    }
  }

  /// At the end nobody waits for a turn.
  mutating func takeBackAll() {
    while turns.isTakingBack { takeBackMore() }
  }

  private mutating func takeBackFromLeavers(_ state: SubscriptionState<Run>) {
    guard !state.leavers.isEmpty else { return }
    var through: [Leaver] = []
    while turns.leftToTakeBack > 0, let leaver = state.leavers.first {
      let places = state.pending.places(from: leaver.next, most: turns.leftToTakeBack)
      var quarantined = 0
      for place in places where state.pending[place].state == .held && state.pending[place].holder == leaver.member {
        if leaver.inGoodOrder {
          state.pending.forgiveAttempt(place)
        } else {
          state.pending.noteFirst("the session ended before it was acknowledged", on: state.pending[place].sequence)
        }
        if takeBack(place, state, pause: 0) { quarantined += 1 }
      }
      turns.lookedAt(max(1, places.count))
      state.leavers[0].looked += places.count
      state.leavers[0].quarantined += quarantined
      if let next = state.pending.sequence(behind: places) {
        state.leavers[0].next = next
      } else {
        through.append(state.leavers.removeFirst())
      }
      tellQuarantined(quarantined, state)
    }
    state.pending.dropDone()
    if state.leavers.isEmpty { haveLeft(state) } else if state.isGroup { pump(state.key) }
    for leaver in through {
      guard let entry = registry.byIdentity[leaver.plugin] else { continue }
      charge(.scan, count: leaver.looked / Act.eventsPerScan, to: entry, nil)
      charge(.quarantine, count: leaver.quarantined, to: entry, nil)
    }
  }

  /// Everything is taken back from those who left: who is there goes on, and a session that came meanwhile begins.
  private mutating func haveLeft(_ state: SubscriptionState<Run>) {
    if !state.isLive || state.awaitsLeavers { state.unpark() }
    guard state.awaitsLeavers else {
      if state.isLive { pump(state.key) }
      return
    }
    state.awaitsLeavers = false
    start(state)
  }

  /// What was not acknowledged in time is taken back.
  private mutating func expire(_ state: SubscriptionState<Run>) {
    guard state.isLive, state.leavers.isEmpty, turns.leftToTakeBack > 0, state.pending.isDue(at: now.steady) else {
      return
    }
    let (expired, looked) = state.pending.takeExpired(at: now.steady, most: turns.leftToTakeBack)
    turns.lookedAt(looked)
    var quarantined = 0
    var holders: [UInt32: Int] = [:]
    for sequence in expired {
      guard let place = state.pending.place(of: sequence) else { continue }
      let holder = state.pending[place].holder
      state.pending.noteFirst("not acknowledged within \(state.ackWait) ms", on: sequence)
      if takeBack(place, state, pause: nil) {
        quarantined += 1
        holders[holder, default: 0] += 1
      }
    }
    state.pending.dropDone()
    tellQuarantined(quarantined, state)
    pump(state.key)
    guard quarantined > 0 else { return }
    for member in state.members {
      guard let count = holders[member.number], let entry = sessions[member.peer]?.entry else { continue }
      charge(.quarantine, count: count, to: entry, member.peer)
    }
  }
}
