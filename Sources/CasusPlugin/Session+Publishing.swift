import CasusWire

extension Session {
  mutating func publish(_ events: EncodedEvents, replay: Bool, group: PublishGroup, from index: Int) {
    guard !isOver else {
      group.fail(BusError(.closed, "the bus was closed"))
      return
    }
    outbox.append(events, replay: replay, group: group, index: index)
  }

  /// Sends the batches that may go now.
  mutating func publishMore(now: ContinuousClock.Instant) {
    guard let limits = welcome?.limits else { return }
    if let until = outboxPausedUntil {
      guard until <= now else { return }
      outboxPausedUntil = nil
    }
    if !outbox.isEmpty, let pause = refusalPace.pause(at: now, limits) {
      if refusalPace.isNews() {
        notices.append(.refusedCommand("so many events are refused that the others wait for \(pause - now)"))
      }
      return
    }
    // A socket that does not keep up gets no more than it can take.
    while outgoing.count < 64, let batch = outbox.nextBatch(limits, all: closing != nil) {
      guard batch.bytes <= limits.batchBytes else {
        // One event alone is larger than any batch may be.
        let error = WireError(
          .eventTooLarge, "the event has \(batch.bytes - 4) bytes; the broker takes \(limits.eventBytes)")
        settle(batch, Published(batch: batch.number, refused: [.init(index: 0, id: nil, error: error)]))
        continue
      }
      let publish = Publish(
        batch: batch.number, count: batch.count, replay: batch.replay, descends: batch.descends)
      outgoing.append(
        Frame(control: ClientCommand.publish(publish).encoded(), batch: batch.spans, batchBytes: batch.bytes))
      lastSent = now
    }
  }

  mutating func published(_ reply: Published, now: ContinuousClock.Instant, random: Double) {
    // A batch of a session before this one: it was sent again, and that one will be answered.
    guard let batch = outbox.inFlight.first(where: { $0.number == reply.batch }) else { return }
    guard reply.fits(batch.count) else {
      lose("the broker's answer to batch \(reply.batch) does not fit the batch", now: now, random: random)
      return
    }
    outboxBackoff.reset()
    if let limits = welcome?.limits { refusalPace.charge(reply.refused.count, at: now, limits) }
    settle(batch, reply)
    publishMore(now: now)
  }

  private mutating func settle(_ batch: Outbox.Batch, _ reply: Published) {
    _ = outbox.take(batch.number)
    defer { room.give(events: batch.count, bytes: batch.bytes) }
    guard !reply.duplicates.isEmpty || !reply.refused.isEmpty || !reply.jumps.isEmpty else {
      var first = reply.first
      for span in batch.spans {
        span.group.settle(span.indices, .accepted(first: first, durability: reply.durability))
        first += UInt64(span.count)
      }
      return
    }
    var outcomes = [PublishOutcome?](repeating: nil, count: batch.count)
    for duplicate in reply.duplicates {
      outcomes[duplicate.index] = .accepted(
        sequence: duplicate.sequence, duplicate: true, durability: reply.durability)
    }
    for refused in reply.refused { outcomes[refused.index] = .refused(Refusal(refused.error)) }
    var sequence = reply.first
    var jumps = reply.jumps[...]
    var place = 0
    for span in batch.spans {
      for index in span.indices {
        if let jump = jumps.first, jump.index == place {
          sequence = jump.sequence
          jumps.removeFirst()
        }
        if let outcome = outcomes[place] {
          span.group.settle(index..<index + 1, .outcome(outcome))
        } else {
          span.group.settle(index..<index + 1, .accepted(first: sequence, durability: reply.durability))
          sequence += 1
        }
        place += 1
      }
    }
  }

  /// A batch was refused as a whole: kept for later when the error is a passing one, else the fate of each event.
  mutating func refused(batch number: Int, _ error: WireError, now: ContinuousClock.Instant, random: Double) {
    guard let batch = outbox.inFlight.first(where: { $0.number == number }) else { return }
    guard error.code.isRetriable else {
      if let limits = welcome?.limits { refusalPace.charge(4 + batch.bytes >> 10, at: now, limits) }
      settle(
        batch,
        Published(
          batch: number,
          refused: (0..<batch.count).map { .init(index: $0, id: nil, error: error) }))
      return
    }
    let isNews = !outbox.isHeld
    outbox.hold(batch)
    // The batches behind it come back with it: one pause and one word for all of them.
    guard isNews else { return }
    outboxPausedUntil = now + outboxBackoff.next(random: random)
    notices.append(.refusedCommand("\(outbox.count) events wait: \(error.code.name): \(error.message)"))
  }
}

extension Published {
  /// Whether it accounts for each of so many events once, with sequences that rise from jump to jump.
  fileprivate func fits(_ count: Int) -> Bool {
    let places = Set(duplicates.map(\.index)).union(refused.map(\.index))
    guard accepted + duplicates.count + refused.count == count, places.count == count - accepted,
      places.allSatisfy({ $0 < count })
    else { return false }
    // What is beyond is no place in a journal, and could not be counted on from.
    let most = UInt64.max - UInt64(count)
    guard accepted == 0 || first <= most else { return false }
    guard !jumps.isEmpty else { return true }
    var next = first
    var ahead = jumps[...]
    for index in 0..<count where !places.contains(index) {
      if let jump = ahead.first, jump.index == index {
        guard jump.sequence > next, jump.sequence <= most else { return false }
        next = jump.sequence
        ahead.removeFirst()
      }
      next += 1
    }
    return ahead.isEmpty
  }
}
