internal import CasusEvents
internal import CasusWire
internal import DequeModule

extension Broker {
  /// Sends what credit allows. Reads from memory where it can, asks the journal where it must.
  mutating func pump(_ key: SubscriptionKey) {
    guard let state = subscriptions[key], !state.isUnkept, let peer = state.peer else { return }
    while state.creditEvents > 0, state.creditBytes > 0 {
      if let due = state.nextDue(at: now.steady) {
        guard let run = locate(due, state) else { break }
        redeliver(state, from: run, to: peer)
        continue
      }
      guard let cursor = state.cursor, cursor <= durable else { break }
      guard let run = locate(cursor, state) else { break }
      advance(state, through: run, to: peer)
    }
    tellProgress(state, peer)
  }

  /// The run that holds a sequence; nil when the journal has to be asked first.
  private mutating func locate(_ sequence: UInt64, _ state: SubscriptionState<Run>) -> Run? {
    if let history = state.history, history.contains(sequence) { return history }
    if let oldest = tail.first, sequence >= oldest.firstSequence {
      state.history = nil
      var low = 0
      var high = tail.count - 1
      while low < high {
        let middle = (low + high + 1) / 2
        if tail[middle].firstSequence <= sequence { low = middle } else { high = middle - 1 }
      }
      return tail[low].contains(sequence) ? tail[low] : nil
    }
    if state.reading == nil {
      state.reading = sequence
      effects.append(.read(state.key, from: sequence))
    }
    return nil
  }

  /// The journal's answer to `read`: events from the sequence asked for on; nil when it could not be read.
  public mutating func history(_ key: SubscriptionKey, _ run: Run?, at now: Moment) {
    self.now = now
    guard let state = subscriptions[key], let asked = state.reading else { return }
    state.reading = nil
    guard let run, run.count > 0, run.lastSequence >= asked else {
      // Retention took the events, or the disk failed: saying so beats a subscriber that waits for ever.
      effects.append(.note("sequence \(asked) cannot be read for \(state.cursorName ?? state.identity)"))
      if let peer = state.peer {
        fail(
          peer, WireError(.sequenceGone, "sequence \(asked) cannot be read"), command: "subscribe", number: state.number
        )
        sessions[peer]?.subscriptions[state.number] = nil
      }
      detach(key)
      return
    }
    state.history = run
    if run.firstSequence > asked { leaveOut(asked..<run.firstSequence, state) }
    pump(key)
  }

  /// Sequences that a repair of the journal has written off: nobody waits for them any more.
  mutating func leaveOut(_ lost: Range<UInt64>, _ state: SubscriptionState<Run>) {
    if let cursor = state.cursor, lost.contains(cursor) { state.cursor = lost.upperBound }
    for place in state.inFlight.indices where lost.contains(state.inFlight[place].sequence) {
      guard state.finish(at: place) else { continue }
      state.dropped += 1
      plugins[state.identity]?.dropped += 1
    }
    state.dropDone()
    state.isDirty = true
    effects.append(
      .note("sequences \(lost.lowerBound) to \(lost.upperBound - 1) are lost and left out for \(state.identity)"))
  }

  /// Looks at one run from the cursor on and sends what matches, as far as credit and a message's size allow.
  private mutating func advance(_ state: SubscriptionState<Run>, through run: Run, to peer: PeerID) {
    guard var cursor = state.cursor else { return }
    var selected: [Int32] = []
    var bytes = 0
    let deadline = later(state.ackWait)
    while run.contains(cursor), state.creditEvents > 0, state.creditBytes > 0 {
      let index = Int(cursor - run.firstSequence)
      let stamp = run.stamp(at: index)
      if state.matches(stamp, types: types, senders: senders), state.skip.isEmpty || state.skip.remove(cursor) == nil {
        let size = run.size(at: index)
        if !selected.isEmpty, bytes + size > options.limits.batchBytes || selected.count >= options.limits.batchEvents {
          break
        }
        selected.append(Int32(index))
        bytes += size
        state.creditEvents -= 1
        state.creditBytes -= size
        state.matched += 1
        if state.isDurable {
          state.inFlight.append(
            .init(sequence: cursor, type: stamp.type, attempts: 1, deadline: deadline, isDue: false))
        }
      }
      cursor += 1
    }
    if state.isDurable, cursor != state.cursor { state.isDirty = true }
    state.cursor = cursor
    guard !selected.isEmpty else { return }
    plugins[state.identity]?.delivered += selected.count
    if !state.isDurable {
      state.acked += UInt64(selected.count)
      plugins[state.identity]?.acked += selected.count
    }
    effects.append(
      .deliver(
        peer,
        Delivery(
          subscription: state.number, run: run, selected: selected, redelivered: false, through: cursor - 1)))
  }

  /// Sends again what is due in one run, oldest first.
  private mutating func redeliver(_ state: SubscriptionState<Run>, from run: Run, to peer: PeerID) {
    var selected: [Int32] = []
    var bytes = 0
    for place in state.inFlight.indices {
      let item = state.inFlight[place]
      if item.sequence > run.lastSequence || state.creditEvents <= 0 || state.creditBytes <= 0 { break }
      guard item.isDue, !item.isDone, item.deadline <= now.steady, run.contains(item.sequence) else { continue }
      let index = Int(item.sequence - run.firstSequence)
      let size = run.size(at: index)
      if !selected.isEmpty, bytes + size > options.limits.batchBytes || selected.count >= options.limits.batchEvents {
        break
      }
      selected.append(Int32(index))
      bytes += size
      state.creditEvents -= 1
      state.creditBytes -= size
      state.inFlight[place].attempts += 1
      state.inFlight[place].isDue = false
      state.inFlight[place].deadline = later(state.ackWait)
    }
    guard !selected.isEmpty else { return }
    plugins[state.identity]?.redelivered += selected.count
    effects.append(
      .deliver(
        peer,
        Delivery(
          subscription: state.number, run: run, selected: selected, redelivered: true,
          through: (state.cursor ?? 1) - 1)))
  }

  private mutating func tellProgress(_ state: SubscriptionState<Run>, _ peer: PeerID) {
    guard state.wantsProgress, let cursor = state.cursor, cursor > durable, state.reading == nil,
      state.toldProgress < cursor - 1 || state.toldProgress == 0
    else { return }
    state.toldProgress = max(cursor - 1, 1)
    effects.append(.send(peer, .progress(Progress(subscription: state.number, through: cursor - 1))))
  }

  func later(_ milliseconds: Int) -> Int64 {
    now.steady + Int64(milliseconds) * 1_000_000
  }
}

extension SubscriptionState {
  /// The oldest event that is to be sent again now.
  func nextDue(at now: Int64) -> UInt64? {
    inFlight.first { $0.isDue && !$0.isDone && $0.deadline <= now }?.sequence
  }

  /// Goes on where an earlier session of the same durable subscription was.
  func resume(_ earlier: SubscriptionState) {
    cursor = earlier.cursor
    skip = earlier.skip
    inFlight = earlier.inFlight
    for place in inFlight.indices { inFlight[place].deadline = .min }
    matched = earlier.matched
    acked = earlier.acked
    quarantined = earlier.quarantined
    dropped = earlier.dropped
    quarantine = earlier.quarantine
  }
}
