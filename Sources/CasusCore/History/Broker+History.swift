internal import CasusEvents
internal import CasusWire

extension Broker {
  /// The run that holds a sequence; nil when the journal has to be asked first.
  mutating func locate(_ sequence: UInt64, _ state: SubscriptionState<Run>) -> Run? {
    if let history = state.history, history.contains(sequence) { return history }
    if let oldest = tail.first, sequence >= oldest {
      state.readsTail()
      return tail.run(holding: sequence)
    }
    // One that has been up to date and fell behind is not bounded: with less than what comes it would never catch up.
    if state.reading == nil, state.wasLive || historyBudget.isLeft {
      if let run = history(of: sequence) {
        state.history = run
        return run
      }
      state.reading = sequence
      effects.append(.read(state.key, from: sequence))
    }
    return nil
  }

  /// What another subscription has read from the journal: those that are behind go through the same events, as a rule not
  /// far from each other.
  private func history(of sequence: UInt64) -> Run? {
    for state in subscriptions.all {
      if let run = state.history, run.contains(sequence) { return run }
    }
    return nil
  }

  /// The journal's answer to `read`: events from the sequence asked for on; nil when it could not be read.
  public mutating func history(_ key: SubscriptionKey, from asked: UInt64, _ run: Run?, at now: Moment) {
    self.now = now
    // An answer to a session that is gone is nobody's.
    guard let state = subscriptions[key], state.reading == asked else { return }
    state.reading = nil
    guard let run, run.count > 0, run.lastSequence >= asked else {
      if asked < first {
        // Retention was told to go on without this subscription.
        leaveOut(asked..<first, state)
        pump(key)
        return
      }
      // The disk failed: saying so beats a subscriber that waits for ever.
      effects.append(.note("sequence \(asked) cannot be read for \(state.cursorName ?? state.identity)"))
      let error = WireError(.sequenceGone, "sequence \(asked) cannot be read")
      for member in state.members {
        fail(member.peer, error, command: "subscribe", number: member.subscription)
        sessions[member.peer]?.subscriptions[member.subscription] = nil
        detach(key, member.peer)
      }
      return
    }
    if !state.wasLive { historyBudget.spend(run.byteCount) }
    state.history = run
    if run.firstSequence > asked { leaveOut(asked..<run.firstSequence, state) }
    pump(key)
  }

  /// Sequences that the journal has no longer: nobody waits for them any more.
  mutating func leaveOut(_ lost: Range<UInt64>, _ state: SubscriptionState<Run>) {
    if let cursor = state.cursor, lost.contains(cursor) {
      state.cursor = lost.upperBound
      state.ahead.leave(before: lost.upperBound, through: durable)
    }
    let gone = state.pending.finish(lost)
    state.pending.dropDone()
    state.drop(gone)
    state.isDirty = true
    state.losses.count(gone, first: lost.lowerBound, last: lost.upperBound - 1)
    effects.append(
      .note("sequences \(lost.lowerBound) to \(lost.upperBound - 1) are lost and left out for \(state.identity)"))
  }
}
