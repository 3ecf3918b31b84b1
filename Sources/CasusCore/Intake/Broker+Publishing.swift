internal import CasusEvents
internal import CasusWire

extension Broker {
  /// Judges a batch event by event and stages the good ones; the answer waits for their commit. What takes longer than a turn is
  /// left to `resume`.
  mutating func publish(
    _ publish: Publish, _ batch: UnsafeRawBufferPointer, of peer: PeerID
  ) throws(WireError) {
    guard let session = sessions[peer] else { throw WireError(.noSession) }
    if let held = session.held {
      guard publish.batch <= held.batch else {
        throw WireError(held.error, "batch \(held.batch) was refused and has to come again first")
      }
      session.held = nil
    }
    let limits = options.limits
    guard batch.count <= limits.batchBytes, publish.count <= limits.batchEvents else {
      throw WireError(
        .batchTooLarge,
        "\(publish.count) events of \(batch.count) bytes; taken are \(limits.batchEvents) of \(limits.batchBytes)")
    }
    guard PublishBatchReader.holds(publish.count, in: batch) else {
      throw WireError(.malformedBatch, "the batch of \(batch.count) bytes does not hold \(publish.count) whole records")
    }
    guard !publish.replay || session.entry.roles.contains(.replay) else {
      throw WireError(.roleRequired, "publishing a replay needs the role replay", pointer: "/replay")
    }
    guard !publish.replay || options.acceptsReplay else {
      throw WireError(
        .replayNotAccepted, "this broker was not started for replays: casusd --accept-replay, or accept_replay: true",
        pointer: "/replay")
    }
    guard !isStopping else { throw WireError(.stopping) }
    let cost = Publish.windowCost(batch.count)
    // One alone is always taken: it fits, and nothing would ever make more room for it.
    guard session.windowUsed == 0 || session.windowUsed + cost <= limits.windowBytes else {
      throw WireError(.windowExceeded)
    }
    // What is judged is staged or refused; what is not yet judged may all have to be staged.
    guard intake.stagedBytes + unfinishedBytes + batch.count <= limits.stagedBytes else { throw WireError(.busy) }
    guard unjudgedBytes(of: session) + batch.count <= max(limits.batchBytes, limits.stagedBytes / 4) else {
      throw WireError(.busy, "\(session.entry.identity) has as much to be judged in other sessions as one may have")
    }

    leavesTrace(session)
    session.windowUsed += cost
    leave(UnfinishedBatch(publish, bytes: batch.count, durability: options.durability, at: now.steady), session)
    judgeOn(batch, of: peer)
  }

  /// What an identity's other sessions have still to be judged: a session has one batch at most, but some may have any number of
  /// sessions, and must not take with them the room that all share.
  private func unjudgedBytes(of session: Session) -> Int {
    guard unfinishedBytes > 0, session.entry.mayShare else { return 0 }
    return sessions.peers(of: session.entry.identity).reduce(0) { $0 + (sessions[$1]?.unfinished?.left ?? 0) }
  }

  private mutating func leave(_ work: UnfinishedBatch, _ session: Session) {
    unfinishedBytes += work.left - (session.unfinished?.left ?? 0)
    session.unfinished = work
  }

  /// A session's batch that is judged in part, which it has no more.
  mutating func takeUnfinished(_ session: Session) -> UnfinishedBatch? {
    guard let work = session.unfinished else { return nil }
    unfinishedBytes -= work.left
    session.unfinished = nil
    return work
  }

  /// Judges the next part of a session's batch; nothing when there is none, or it was given up.
  mutating func judgeOn(_ batch: UnsafeRawBufferPointer, of peer: PeerID) {
    guard let session = sessions[peer] else { return }
    guard !isStopping else { return abandon(session, .stopping) }
    // Taken out, so that it is changed in place.
    guard var work = takeUnfinished(session) else { return }
    let isFinished = judge(&work, batch, of: session)
    // Behind the part, so that its accepted events have sequences without a gap; not behind the batch, which may be given up
    // before its end.
    for refusal in work.refusals { announce(refusal, .event, of: session.entry.identity) }
    if isFinished { finish(work, of: session) }
    if work.faults > 0 { charge(.event, count: work.faults, to: session.entry, peer) }
    if work.steps >= Act.stepsPerUnit {
      charge(.validation, count: work.steps / Act.stepsPerUnit, to: session.entry, peer)
    }
    guard !isFinished, sessions.isOpen(session) else { return }
    work.faults = 0
    work.steps %= Act.stepsPerUnit
    work.refusals = []
    leave(work, session)
  }

  /// Judges events until the turn is over; whether all are judged.
  private mutating func judge(
    _ work: inout UnfinishedBatch, _ batch: UnsafeRawBufferPointer, of session: Session
  ) -> Bool {
    let record = session.record
    var reader = PublishBatchReader(UnsafeRawBufferPointer(rebasing: batch[work.offset...]))
    var turn = 0
    while let event = reader.next() {
      do throws(WireError) {
        switch try intake.accept(event, from: session, work.publish, types, senders, at: now) {
        case .new(let sequence): work.accept(sequence)
        case .duplicate(let sequence):
          work.published.duplicates.append(.init(index: work.index, sequence: sequence))
          record.duplicates += 1
          work.through = max(work.through, sequence)
        }
      } catch {
        let id = intake.lastID
        work.published.refused.append(.init(index: work.index, id: id.map { bounded($0) }, error: error))
        // For what the broker is short of its clients do not pay.
        if error.code.rawValue < 500 { work.faults += 1 }
        if let told = refuse(error, event, id: id, from: session.entry, record) { work.refusals.append(told) }
      }
      work.index += 1
      work.offset += PublishBatchWriter.size(of: event.count)
      let steps = intake.lastSteps
      work.steps += max(0, steps - Act.freeSteps(event.count))
      turn += 64 + event.count / 8 + steps
      if turn >= options.turnSteps, !reader.isAtEnd { return false }
    }
    return true
  }

  /// The batch is judged: its answer waits for the commit of what was accepted.
  private mutating func finish(_ work: UnfinishedBatch, of session: Session) {
    if work.through > durable {
      intake.wait(
        .init(
          through: work.through, session: session, windowCost: work.windowCost, begun: work.begun,
          published: work.published))
    } else {
      session.windowUsed -= work.windowCost
      timings.accepted.add(now.steady - work.begun)
      effects.append(.send(session.peer, .published(work.published)))
    }
  }

  /// A batch that is judged in part comes again as a whole.
  mutating func abandon(_ session: Session, _ error: WireErrorCode) {
    guard let work = takeUnfinished(session) else { return }
    session.windowUsed -= work.windowCost
    hold(session.peer, work.published.batch, error)
    fail(session.peer, WireError(error), command: "publish", number: work.published.batch)
  }
}
