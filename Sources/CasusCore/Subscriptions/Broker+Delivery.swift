internal import CasusEvents
internal import CasusWire
internal import DequeModule

extension Broker {
  /// What came of one step of a subscription's turn.
  enum Step {
    case sent
    case nothing
    /// The journal has to be asked first.
    case reading
  }

  /// Sends what credit allows, within one turn's bounds: a subscription far behind must not keep the others waiting.
  /// Reads from memory where it can, asks the journal where it must.
  mutating func pump(_ key: SubscriptionKey) {
    guard let state = subscriptions[key], state.hasBegun, state.isLive else { return }
    turns.beginSending()
    var steps = 64
    stepping: while steps > 0, turns.sentBytes < options.turnBytes {
      steps -= 1
      switch sendWaiting(state) {
      case .sent: continue
      case .nothing: if !look(state, maySend: true) { break stepping }
      case .reading: if !look(state, maySend: false) { break stepping }
      }
    }
    if steps == 0 || turns.sentBytes >= options.turnBytes, !state.isHungry {
      state.isHungry = true
      turns.sendMore(key)
      askForTurn()
    }
    state.pending.check()
    tellProgress(state)
    if isTooSlow(state) { cutOff(state) }
  }

  mutating func askForTurn() {
    if turns.ask() { effects.append(.feed) }
  }

  /// Gives another turn to those whose turn ended before everything was sent, or taken back.
  public mutating func feed(at now: Moment) {
    self.now = now
    turns.given()
    takeBackMore()
    for key in turns.takeHungry() {
      subscriptions[key]?.isHungry = false
      pump(key)
    }
  }

  /// The shell could not send to a peer at once: nothing more is delivered to it until `goOn`.
  public mutating func holdUp(_ peer: PeerID) { setHeldUp(peer, true) }

  /// The peer takes messages again.
  public mutating func goOn(_ peer: PeerID, at now: Moment) {
    self.now = now
    setHeldUp(peer, false)
    guard let session = sessions[peer] else { return }
    for key in session.keys { pump(key) }
  }

  private mutating func setHeldUp(_ peer: PeerID, _ isHeldUp: Bool) {
    guard let session = sessions[peer] else { return }
    session.isHeldUp = isHeldUp
    for key in session.keys {
      guard let state = subscriptions[key], let place = state.place(of: peer) else { continue }
      state.members[place].isHeldUp = isHeldUp
    }
  }

  // MARK: Steps

  /// Sends again what is due, or for the first time what had to wait, oldest first, out of one run.
  private mutating func sendWaiting(_ state: SubscriptionState<Run>) -> Step {
    guard let clearance = state.readiness else { return .nothing }
    let isAgain: Bool
    let first: UInt64
    if let due = state.pending.nextReady(clearance) {
      (isAgain, first) = (true, due)
    } else if hasRoom(state), let parked = state.pending.nextParked(clearance) {
      (isAgain, first) = (false, parked)
    } else {
      return .nothing
    }
    guard let run = locate(first, state) else { return .reading }
    let deadline = later(state.ackWait)
    var sent: ClosedRange<UInt64>?
    while let clearance = state.readiness, isAgain || hasRoom(state),
      let sequence = isAgain ? state.pending.nextReady(clearance) : state.pending.nextParked(clearance),
      run.contains(sequence), let place = state.pending.place(of: sequence)
    {
      let index = Int(sequence - run.firstSequence)
      let flags = run.stamp(at: index).flags
      let level = ClearanceLevel(of: flags)
      if level > ClearanceLevel(state.clearance) {
        // Its reader's clearance was lowered since it matched.
        giveUp(place, state)
        continue
      }
      if level > state.pending[place].level {
        state.pending.raise(place, to: level)
        continue
      }
      let size = run.size(at: index)
      guard case .member(let member) = choose(state, level, size, avoiding: state.pending[place].holder) else { break }
      select(index, size, flags, for: member, state)
      if state.isDurable {
        state.pending.hold(place, by: state.members[member].number, until: deadline)
        sent = min(sent?.lowerBound ?? sequence, sequence)...max(sent?.upperBound ?? sequence, sequence)
      } else {
        state.pending.finish(place)
      }
    }
    if let sent { state.pending.watch(sent.lowerBound, sent.upperBound, until: deadline) }
    if !state.isDurable { state.pending.dropDone() }
    emit(state, run, isAgain: isAgain)
    return .sent
  }

  /// Looks at one run from the cursor on: hands what matches to members, or lets it wait where the policy says so.
  /// False when nothing could be done.
  private mutating func look(_ state: SubscriptionState<Run>, maySend: Bool) -> Bool {
    guard let from = state.cursor, from <= durable, canLook(state, maySend) else { return false }
    guard let run = locate(from, state) else { return false }
    if wantsNothing(of: run, state) {
      // A hundred subscriptions to other types cost a busy publisher a look a commit, not a look an event.
      state.pass(over: run)
      return true
    }
    var cursor = from
    let deadline = later(state.ackWait)
    var firstHeld: UInt64?
    // A run may be as large as a commit: nobody else shall wait for all of it.
    let end = min(from + 8_192, run.lastSequence + 1)
    looking: while cursor < end, canLook(state, maySend) {
      let index = Int(cursor - run.firstSequence)
      let stamp = run.stamp(at: index)
      if !state.matches(stamp, types: types, senders: senders) {
        cursor += 1
        continue
      }
      if !state.skip.isEmpty, state.isSkipped(cursor) {
        state.pending.passOver()
        cursor += 1
        continue
      }
      let size = run.size(at: index)
      let level = ClearanceLevel(of: stamp.flags)
      var event = PendingEvents.Event(
        sequence: cursor, time: deadline, size: UInt32(clamping: size), holder: 0,
        attempts: state.failures.isEmpty ? 0 : state.earlierFailures(of: cursor), type: stamp.type, level: level,
        state: .parked, wasSent: false)
      switch maySend && hasRoom(state) ? choose(state, level, size) : .nobody {
      case .full: break looking
      case .nobody:
        guard mayPark(state, cursor) else { break looking }
        state.pending.append(event)
      case .member(let member):
        select(index, size, stamp.flags, for: member, state)
        if state.isDurable {
          event.state = .held
          event.holder = state.members[member].number
          event.attempts = min(event.attempts, .max - 1) + 1
          event.wasSent = true
          state.pending.append(event)
          if firstHeld == nil { firstHeld = cursor }
        }
      }
      state.match()
      state.ahead.pass(cursor)
      cursor += 1
      if event.state == .parked { boundParked(state) }
    }
    guard cursor != from else { return false }
    if state.isDurable { state.isDirty = true }
    state.cursor = cursor
    if let firstHeld { state.pending.watch(firstHeld, cursor - 1, until: deadline) }
    emit(state, run, isAgain: false)
    return true
  }

  func wantsNothing(of run: Run, _ state: SubscriptionState<Run>) -> Bool {
    state.passesOver(run.kinds, types: types, senders: senders)
  }

  /// Whether looking further is of any use now.
  private func canLook(_ state: SubscriptionState<Run>, _ maySend: Bool) -> Bool {
    if maySend, state.readiness != nil, hasRoom(state) { return true }
    switch state.overload.policy {
    case .block: return false
    case .dropOldest: return true
    case .disconnect: return state.cursor.map { $0 > state.liveAfter } ?? false && !isTooSlow(state)
    }
  }

  /// Whether one more may be sent before others are acknowledged.
  private func hasRoom(_ state: SubscriptionState<Run>) -> Bool {
    !state.isDurable || state.pending.sentCount < options.limits.pendingEvents
  }

  private enum Choice {
    case member(Int)
    /// Somebody could take it, with the next message.
    case full
    case nobody
  }

  /// Who gets an event: members take turns; one that had it before comes last.
  private func choose(
    _ state: SubscriptionState<Run>, _ level: ClearanceLevel, _ size: Int, avoiding last: UInt32 = 0
  ) -> Choice {
    let count = state.members.count
    var isFull = false
    var second: Int?
    for step in 0..<count {
      let place = count == 1 ? 0 : (state.turn + step) % count
      let member = state.members[place]
      guard member.hasCredit, level <= member.clearance else { continue }
      guard
        member.selected.isEmpty
          || member.selectedBytes + size <= options.limits.batchBytes
            && member.selected.count < options.limits.batchEvents
      else {
        isFull = true
        continue
      }
      if member.number == last {
        second = place
        continue
      }
      state.turn = place + 1
      return .member(place)
    }
    if let second { return .member(second) }
    return isFull ? .full : .nobody
  }

  private func select(
    _ index: Int, _ size: Int, _ flags: StampFlags, for member: Int, _ state: SubscriptionState<Run>
  ) {
    state.members[member].selectedMarks.formUnion(flags.marks)
    state.members[member].selected.append(Int32(index))
    state.members[member].selectedBytes += size
    state.members[member].creditEvents -= 1
    state.members[member].creditBytes -= size
  }

  /// Sends each member what was chosen for it.
  private mutating func emit(_ state: SubscriptionState<Run>, _ run: Run, isAgain: Bool) {
    var isTold = state.losses.untold == nil
    for place in state.members.indices where !state.members[place].selected.isEmpty {
      if !isTold {
        tellDropped(state)
        isTold = true
      }
      let selected = state.members[place].selected
      state.members[place].selected = Selection()
      turns.sent(state.members[place].selectedBytes)
      state.members[place].selectedBytes = 0
      let member = state.members[place]
      let session = sessions[member.peer]
      session?.freeAnswers.delivered(selected.count)
      session?.hears(member.selectedMarks)
      state.heard.formUnion(member.selectedMarks)
      state.members[place].selectedMarks = []
      if isAgain {
        member.record.redelivered += selected.count
      } else {
        member.record.delivered += selected.count
        let sequences = run.sequences(of: selected)
        measure(sequences, run)
        if state.isDurable { state.members[place].firsts.add(sequences) }
      }
      if !state.isDurable {
        state.acknowledge(selected.count)
        member.record.acked += selected.count
      }
      effects.append(
        .deliver(
          member.peer,
          Delivery(
            subscription: member.subscription, run: run, selected: selected, redelivered: isAgain,
            through: (state.cursor ?? 1) - 1)))
    }
  }

  /// How long the first event of a delivery that nobody was sent before has waited for that.
  private mutating func measure(_ sent: ClosedRange<UInt64>, _ run: Run) {
    guard sent.upperBound > newestSent else { return }
    let first = max(sent.lowerBound, newestSent + 1)
    newestSent = sent.upperBound
    let recorded = run.stamp(at: Int(first - run.firstSequence)).recorded
    timings.delivered.add(now.wall.nanoseconds - recorded.nanoseconds)
  }

  private mutating func tellProgress(_ state: SubscriptionState<Run>) {
    guard let cursor = state.cursor, cursor > durable, state.reading == nil, state.pending.parkedCount == 0 else {
      return
    }
    for place in state.members.indices {
      let member = state.members[place]
      guard member.wantsProgress, member.toldProgress < cursor - 1 || member.toldProgress == 0 else { continue }
      state.members[place].toldProgress = max(cursor - 1, 1)
      effects.append(
        .send(member.peer, .progress(Progress(subscription: member.subscription, through: cursor - 1))))
    }
  }

  func later(_ milliseconds: Int) -> Int64 {
    now.steady + Int64(milliseconds) * 1_000_000
  }
}

extension SubscriptionState {
  /// The highest clearance among the members that may be sent something now; nil when none may.
  var readiness: ClearanceLevel? {
    if members.count == 1 { return members[0].hasCredit ? members[0].clearance : nil }
    var highest: ClearanceLevel?
    for member in members where member.hasCredit { highest = max(highest ?? .lowest, member.clearance) }
    return highest
  }

  func place(of peer: PeerID) -> Int? { members.firstIndex { $0.peer == peer } }
}
