internal import CasusEvents
internal import CasusWire

extension Broker {
  /// Judges a batch event by event and stages the good ones; the answer waits for their commit.
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
    guard session.windowUsed + batch.count <= limits.windowBytes else { throw WireError(.windowExceeded) }
    guard intake.stagedBytes + batch.count <= options.limits.stagedBytes else { throw WireError(.busy) }

    leavesTrace(session)
    let record = session.record
    var published = Published(batch: publish.batch, durability: options.durability)
    var reader = PublishBatchReader(batch)
    var through: UInt64 = 0
    // Told after the batch: its accepted events have sequences without a gap.
    var refusals: [Notice] = []
    var index = 0
    while let event = reader.next() {
      do throws(WireError) {
        switch try intake.accept(event, from: session, publish, types, senders, at: now) {
        case .new(let sequence):
          if published.accepted == 0 { published.first = sequence }
          published.accepted += 1
          through = sequence
        case .duplicate(let sequence):
          published.duplicates.append(.init(index: index, sequence: sequence))
          record.duplicates += 1
          through = max(through, sequence)
        }
      } catch {
        let id = intake.lastID
        published.refused.append(.init(index: index, id: id.map { bounded($0) }, error: error))
        if let told = refuse(error, event, id: id, from: session.entry, record) { refusals.append(told) }
      }
      index += 1
    }
    for refusal in refusals { announce(refusal, .event, of: session.entry.identity) }
    if through > durable {
      session.windowUsed += batch.count
      intake.wait(.init(through: through, session: session, bytes: batch.count, published: published))
    } else {
      effects.append(.send(peer, .published(published)))
    }
    // For what the broker is short of its clients do not pay.
    let faults = published.refused.count { $0.error.code.rawValue < 500 }
    if faults > 0 { charge(.event, count: faults, to: session.entry, peer) }
  }
}
