import CasusWire

extension Session {
  /// What the broker says; `batch` are the events of a `deliver`. Throws when the two do not go together.
  mutating func receive(
    _ reply: BrokerReply, batch: DeliveredBatch? = nil, now: ContinuousClock.Instant, random: Double
  ) throws(WireError) {
    guard (batch != nil) == reply.hasBatch else {
      throw WireError(.malformedFrames, "a batch goes with deliver, and with nothing else")
    }
    lastHeard = now
    switch reply {
    case .welcome(let welcome): self.welcome(welcome, now: now, random: random)
    case .published(let published): self.published(published, now: now, random: random)
    case .subscribed(let subscribed): streams[subscribed.subscription]?.subscribed(subscribed)
    case .progress(let progress): streams[progress.subscription]?.progress(progress)
    case .dropped(let dropped): streams[dropped.subscription]?.dropped(dropped)
    case .unsubscribed(let unsubscribed): unsubscribes.removeValue(forKey: unsubscribed.subscription)?.fulfill(())
    case .reply(let reply): requests.removeValue(forKey: reply.id)?.promise.fulfill(reply.result)
    case .pong: if closing?.saidBye == true { finish(nil) }
    case .bye(let bye):
      let reason = bye.reason.isEmpty ? "the broker ended the session" : "the broker ended the session: \(bye.reason)"
      lose(reason, now: now, random: random)
    case .error(let error): failed(error, now: now, random: random)
    case .deliver(let deliver):
      if let batch { streams[deliver.subscription]?.deliver(batch, through: deliver.through) }
    }
  }

  private mutating func welcome(_ welcome: Welcome, now: ContinuousClock.Instant, random: Double) {
    guard case .opening = phase else { return }
    guard WireProtocol.versions.contains(welcome.version) else {
      finish(
        BusError(
          .protocolMismatch,
          "the broker speaks version \(welcome.version) of the protocol, this program \(WireProtocol.versions)"))
      return
    }
    phase = .live(welcome)
    backoff.reset()
    outboxPausedUntil = nil
    givesUpAt = nil
    notices.append(.connected(welcome, again: wasConnected))
    wasConnected = true
    if health != Ping() { mustPing = true }
    for stream in streams.values { begin(stream, now: now) }
    for waiting in requests.values { send(.request(waiting.request), now: now) }
    publishMore(now: now)
  }

  private mutating func begin(_ stream: StreamBuffer, now: ContinuousClock.Instant) {
    guard let welcome else { return }
    do throws(BusError) {
      send(.subscribe(try stream.startSession(welcome, now: now)), now: now)
    } catch {
      streams[stream.number] = nil
      stream.finish(.failure(error))
    }
  }

  mutating func subscribe(_ stream: StreamBuffer, now: ContinuousClock.Instant) {
    guard !isOver else {
      stream.finish(.failure(BusError(.closed, "the bus was closed")))
      return
    }
    streams[stream.number] = stream
    begin(stream, now: now)
  }

  mutating func unsubscribe(_ number: Int, forget: Bool, _ promise: Promise<Void>?, now: ContinuousClock.Instant) {
    guard let stream = streams.removeValue(forKey: number), welcome != nil else {
      promise?.fulfill(())
      return
    }
    for command in stream.takeCommands(now: now) { send(command, now: now) }
    stream.finish(.end)
    if let promise { unsubscribes[number] = promise }
    send(.unsubscribe(Unsubscribe(subscription: number, forget: forget)), now: now)
  }

  mutating func request(_ request: Request, _ promise: Promise<[UInt8]>, now: ContinuousClock.Instant) {
    guard !isOver else {
      promise.fail(BusError(.closed, "the bus was closed"))
      return
    }
    requests[request.id] = (request, promise)
    if welcome != nil { send(.request(request), now: now) }
  }

  mutating func setHealth(_ ping: Ping) {
    guard health != ping else { return }
    health = ping
    mustPing = true
  }

  private mutating func failed(_ reply: ErrorReply, now: ContinuousClock.Instant, random: Double) {
    let error = reply.error
    let text = "\(error.code.rawValue) \(error.code.name): \(error.message)"
    if closing?.saidBye == true, error.code == .noSession {
      finish(nil)
      return
    }
    switch error.code {
    case .superseded:
      finish(BusError(.superseded, "another process took over \(connection.identity): \(error.message)"))
    case .keyRevoked, .unauthenticated, .identityMismatch:
      // Before the first welcome a registry may be about to learn the key; afterwards it was taken out.
      if error.code == .unauthenticated, !wasConnected, !connection.refusalIsFinal {
        lose(text, refused: true, now: now, random: random)
      } else {
        finish(BusError(.keyRefused, text, wire: error.code.rawValue))
      }
    case .protocolVersion: finish(BusError(.protocolMismatch, text, wire: error.code.rawValue))
    case .prefixForeign where reply.command == "hello", .schemaRefused where reply.command == "hello",
      .schemaIncompatible where reply.command == "hello":
      // The same schemas would be refused again.
      finish(BusError(.refused, "a schema of the manifest was refused: \(text)", wire: error.code.rawValue))
    case .noSession: lose("the broker knows no session of ours", now: now, random: random)
    case _ where reply.fatal || reply.command == "hello":
      lose(text, pause: .milliseconds(reply.retryAfter ?? 0), now: now, random: random)
    case _ where reply.command == "publish":
      if let number = reply.number { refused(batch: number, error, now: now, random: random) }
    case _ where reply.command == "subscribe":
      guard let number = reply.number, let stream = streams[number] else { return }
      let isPassing = error.code.isRetriable && error.code.rawValue >= 500
      if isPassing || error.code == .subscriptionInUse && stream.hasBegun {
        // A broker that is short of something; or an older session of ours that it has not seen end. Later it will do.
        lose(text, now: now, random: random)
        return
      }
      streams[number] = nil
      stream.finish(.failure(BusError(.refused, "subscribing was refused: \(text)", wire: error.code.rawValue)))
    case _ where reply.command == "request":
      guard let number = reply.number, let waiting = requests.removeValue(forKey: number) else { return }
      waiting.promise.fail(BusError(.refused, text, wire: error.code.rawValue))
    case _ where reply.command == "unsubscribe":
      if let number = reply.number { unsubscribes.removeValue(forKey: number)?.fulfill(()) }
    default: notices.append(.refusedCommand(text))
    }
  }
}

extension BrokerReply {
  /// Whether a batch frame follows.
  fileprivate var hasBatch: Bool { if case .deliver = self { true } else { false } }
}
