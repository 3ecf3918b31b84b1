internal import CasusEvents
internal import CasusWire
internal import DequeModule

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
    guard !isStopping else { throw WireError(.stopping) }
    guard session.windowUsed + batch.count <= limits.windowBytes else { throw WireError(.windowExceeded) }
    guard stage.stagedBytes + batch.count <= options.limits.stagedBytes else { throw WireError(.busy) }

    let record = session.record
    var published = Published(batch: publish.batch, durability: options.durability)
    var reader = PublishBatchReader(batch)
    var through: UInt64 = 0
    // Told after the batch: its accepted events have sequences without a gap.
    var refusals: [BusRefused] = []
    var index = 0
    while let event = reader.next() {
      do throws(WireError) {
        switch try accept(event, from: session, replay: publish.replay) {
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
        let id = inspector.lastID
        published.refused.append(.init(index: index, id: id.map { bounded($0) }, error: error))
        if let told = refuse(error, event, id: id, from: session.entry, record) { refusals.append(told) }
      }
      index += 1
    }
    for refusal in refusals { announce(.refused(refusal), .event, of: session.entry.identity) }
    if through > durable {
      session.windowUsed += batch.count
      waiting.append(
        Waiting(through: through, session: session, bytes: batch.count, published: published))
    } else {
      effects.append(.send(peer, .published(published)))
    }
    // For what the broker is short of its clients do not pay.
    let faults = published.refused.count { $0.error.code.rawValue < 500 }
    if faults > 0 { charge(.event, count: faults, to: session.entry, peer) }
  }

  enum Acceptance {
    case new(UInt64)
    case duplicate(UInt64)
  }

  private mutating func accept(
    _ event: UnsafeRawBufferPointer, from session: Session, replay: Bool
  ) throws(WireError) -> Acceptance {
    guard event.count <= options.limits.eventBytes else {
      throw WireError(
        .eventTooLarge, "the event has \(event.count) bytes; taken are \(options.limits.eventBytes)")
    }
    let facts = try inspector.open(event)
    guard replay || sameBytes(session.source, facts.source) else {
      throw WireError(
        .sourceForeign, "the source must be //\(session.entry.identity)", pointer: "/source")
    }
    guard let type = types.find(facts.type) else {
      throw WireError(
        .unknownType, "no schema for '\(String(decoding: facts.type.prefix(100), as: UTF8.self))'", pointer: "/type")
    }
    guard session.mayPublish(type, types) else {
      throw WireError(.typeNotPermitted, "\(session.entry.identity) may not publish \(types[type])", pointer: "/type")
    }
    guard !facts.exercise || session.entry.roles.contains(.exercise) else {
      throw WireError(.roleRequired, "marking an exercise needs the role exercise", pointer: "/exercise")
    }
    let key =
      replay ? DedupWindow.key(source: facts.source, id: facts.id) : session.sourceKey.key(id: facts.id)
    dedup.prepare(key)
    try inspector.validate(type: type, name: facts.type)
    let digest = SHA256Digest(of: event)
    if let known = dedup.find(key, digest) {
      guard known.isSame else {
        throw WireError(
          .idReused, "source and id are those of the event with sequence \(known.sequence), the bytes are not",
          pointer: "/id")
      }
      return .duplicate(known.sequence)
    }
    var flags: StampFlags = []
    if replay { flags.insert(.replayed) }
    if facts.exercise { flags.insert(.exercise) }
    flags.marking = facts.tlp
    let sequence = try keep(
      type, from: session.sender, flags, publishTime: facts.time ?? now.wall, event: event)
    dedup.insert(key, sequence: sequence, digest: digest)
    return .new(sequence)
  }

  /// Stages an event and gives it its sequence. One that the stage refuses leaves no gap.
  mutating func keep(
    _ type: UInt16, from sender: UInt16, _ flags: StampFlags, publishTime: Timestamp, event: UnsafeRawBufferPointer
  ) throws(WireError) -> UInt64 {
    let stamp = RecordStamp(sequence: nextSequence, recorded: now.wall, type: type, sender: sender, flags: flags)
    try stage.stage(stamp, publishTime: publishTime, event: event, senders: senders)
    nextSequence += 1
    return stamp.sequence
  }
}
