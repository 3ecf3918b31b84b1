internal import CasusEvents
public import CasusWire

extension Broker {
  /// Everything that has arrived was taken in: what is staged is committed, unless a commit is under way; then the next one
  /// fills meanwhile.
  public mutating func commitStaged(at now: Moment) {
    self.now = now
    if seal() || intake.isCommitting || life != .stopping { return }
    giveUpAnnouncements()
    life = .stopped
    effects.append(.stopped)
  }

  /// Hands out what is staged; false when there is nothing, or the committing thread is not idle.
  mutating func seal() -> Bool {
    guard let batch = intake.seal() else { return false }
    effects.append(.commit(batch))
    return true
  }

  /// The batch that was handed out is on disk: its publishers are told, and its events go out.
  ///
  /// - Parameter took: how long that was written and synced, in nanoseconds.
  public mutating func committed(_ run: Run, took: Int64, at now: Moment) {
    self.now = now
    timings.commit.add(took)
    intake.committed(run)
    announcements.kept(through: durable)
    books.count(run)
    historyBudget.commit(of: run.byteCount, options)
    tail.append(run)
    while let answer = intake.nextAnswer() { reply(answer) }
    for state in subscriptions.all {
      let count = countAhead(run, state)
      // Where many subscribe to little, most are up to date and want nothing of it: then they are up to date again.
      if state.cursor == run.firstSequence, state.isIdle, count == 0 {
        state.readsTail()
        state.pass(over: run)
      } else {
        pump(state.key)
      }
    }
  }

  /// Counts what of a commit is for a subscription: by its kinds, not event by event. Returns how much it is.
  private func countAhead(_ run: Run, _ state: SubscriptionState<Run>) -> Int {
    // One that begins beyond has nothing to count yet.
    guard let cursor = state.cursor, cursor <= run.lastSequence else { return 0 }
    let place = cursor > run.firstSequence ? Int(cursor - run.firstSequence) : 0
    let count = state.count(of: run, from: place, types: types, senders: senders)
    if cursor >= run.firstSequence { state.ahead.begin(at: cursor, count) } else { state.ahead.add(count) }
    return count
  }

  private mutating func reply(_ answer: Intake<Inspector, Stage>.Answer) {
    guard sessions.isOpen(answer.session) else { return }
    answer.session.windowUsed -= answer.windowCost
    timings.accepted.add(now.steady - answer.begun)
    effects.append(.send(answer.session.peer, .published(answer.published)))
  }

  /// The batch that was handed out could not be written, but the journal is whole: nothing after `durable` was ever accepted.
  ///
  /// What was staged behind it goes too, for its sequences would leave a gap.
  public mutating func commitFailed(_ error: WireErrorCode, at now: Moment) {
    self.now = now
    let lost = intake.failed()
    loseAnnouncements()
    for answer in lost {
      let published = answer.published
      guard sessions.isOpen(answer.session) else { continue }
      answer.session.windowUsed -= answer.windowCost
      hold(answer.session.peer, published.batch, error)
      fail(answer.session.peer, WireError(error), command: "publish", number: published.batch)
    }
    // After the batches that came before them: the first one refused is the one that has to come again first.
    for session in sessions.all {
      guard let work = session.unfinished, session.held != nil || work.through > durable else { continue }
      abandon(session, error)
    }
  }

  /// A batch was refused as a whole. When it may come again, what is behind it waits for that: of several, for the first.
  mutating func hold(_ peer: PeerID, _ batch: Int, _ error: WireErrorCode) {
    guard error.isRetriable, let session = sessions[peer], batch < session.held?.batch ?? Int.max else { return }
    session.held = (batch, error)
  }
}
