internal import CasusEvents
public import CasusWire
internal import DequeModule

extension Broker {
  /// Everything sealed so far is on disk: its publishers are told, and its events go out.
  public mutating func committed(_ run: Run, at now: Moment) {
    self.now = now
    durable = run.lastSequence
    keptAnnouncements()
    count(run)
    boundHistory(by: run)
    tail.append(run)
    tailBytes += run.byteCount
    while tailBytes > options.tailBytes, tail.count > 1 { tailBytes -= tail.removeFirst().byteCount }
    while let answer = waiting.first, answer.through <= durable {
      waiting.removeFirst()
      reply(answer)
    }
    for state in order where !passesOver(run, state) { pump(state.key) }
  }

  /// Whether a subscription is up to date and wants nothing of a run: then it is up to date again. Most are, where many
  /// subscribe to little, and each is asked at each commit.
  private func passesOver(_ run: Run, _ state: SubscriptionState<Run>) -> Bool {
    guard state.cursor == run.firstSequence, state.isIdle, state.passesOver(run.kinds, types: types, senders: senders)
    else { return false }
    if state.isDurable { state.isDirty = true }
    state.cursor = run.lastSequence + 1
    state.wasLive = true
    state.history = nil
    return true
  }

  private mutating func reply(_ answer: Waiting) {
    guard isOpen(answer.session) else { return }
    answer.session.windowUsed -= answer.bytes
    effects.append(.send(answer.session.peer, .published(answer.published)))
  }

  /// The sealed commit could not be written, but the journal is whole: nothing after `durable` was ever accepted.
  ///
  /// What was staged behind it goes too, for its sequences would leave a gap.
  public mutating func commitFailed(_ error: WireErrorCode, at now: Moment) {
    self.now = now
    stage.discard()
    nextSequence = durable + 1
    dedup.rollBack(after: durable)
    loseAnnouncements()
    let lost = waiting
    waiting.removeAll()
    for answer in lost {
      guard answer.through > durable else {
        reply(answer)
        continue
      }
      let published = answer.published
      guard isOpen(answer.session) else { continue }
      answer.session.windowUsed -= answer.bytes
      hold(answer.session.peer, published.batch, error)
      fail(answer.session.peer, WireError(error), command: "publish", number: published.batch)
    }
  }

  private func isOpen(_ session: Session) -> Bool { sessions[session.peer] === session }

  /// A batch was refused as a whole. When it may come again, what is behind it waits for that.
  mutating func hold(_ peer: PeerID, _ batch: Int, _ error: WireErrorCode) {
    guard error.isRetriable, let session = sessions[peer], session.held == nil else { return }
    session.held = (batch, error)
  }
}
