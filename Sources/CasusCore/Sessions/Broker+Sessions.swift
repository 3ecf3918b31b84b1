internal import CasusEvents
internal import CasusWire

extension Broker {
  /// Whether the plugin may open a session; returns the version to speak.
  @discardableResult
  func admit(_ hello: Hello, of entry: PluginEntry, _ peer: PeerID) throws(WireError) -> Int {
    guard !isStopping else { throw WireError(.stopping) }
    guard sessions.count < options.limits.peers || sessions[peer] != nil else {
      throw WireError(.busy, "the broker serves \(options.limits.peers) sessions at once")
    }
    guard let version = hello.protocols.clamped(to: WireProtocol.versions).first,
      hello.protocols.overlaps(WireProtocol.versions)
    else {
      throw WireError(
        .protocolVersion, "the broker speaks versions \(WireProtocol.versions), offered were \(hello.protocols)",
        pointer: "/protocol")
    }
    guard hello.identity.utf8.elementsEqual(entry.identity.utf8) else {
      throw WireError(
        .identityMismatch, "the key is \(entry.identity)'s, hello says '\(hello.identity.prefix(100))'",
        pointer: "/identity")
    }
    try check(hello)
    return version
  }

  /// What a hello says of its program goes into the bus's own event, and has to keep that one's schema.
  private func check(_ hello: Hello) throws(WireError) {
    func refused(_ what: String, _ member: String) -> WireError {
      WireError(.malformedControl, "/manifest/\(member): \(what)", pointer: "/manifest/\(member)")
    }
    if hello.program.isEmpty { throw refused("must not be empty", "program") }
    if hello.version.isEmpty { throw refused("must not be empty", "version") }
    for (place, type) in hello.publishes.enumerated() where !TypePattern.isType(type) {
      throw refused("must be an event type", "publishes/\(place)")
    }
    for (place, pattern) in hello.subscribes.enumerated() where TypePattern(pattern) == nil {
      throw refused("must be a type pattern", "subscribes/\(place)")
    }
  }

  mutating func open(_ peer: PeerID, _ entry: PluginEntry, _ hello: Hello) throws(WireError) {
    let version = try admit(hello, of: entry, peer)
    guard let sender = senders.intern(entry.identity) else { throw WireError(.internal, "too many senders") }
    guard consequences.mayTell(.session, of: entry.identity, at: now.steady) else {
      throw WireError(.busy, "\(entry.identity) begins too many sessions; try again in a moment")
    }
    if sessions[peer] != nil { close(peer, reason: "bye", because: "a new hello") }
    if !entry.mayShare {
      for older in sessions.peers(of: entry.identity) {
        fail(older, WireError(.superseded), fatal: true)
        close(older, reason: "error", because: "superseded by a newer session")
      }
    }
    // What its older sessions left behind may have been too much.
    if turnAway(peer, entry) { return }
    let record = plugins[entry.identity] ?? PluginRecord(identity: entry.identity, agency: entry.agency)
    plugins[entry.identity] = record
    let session = Session(peer: peer, entry: entry, record: record, sender: sender, at: now.steady)
    sessions.add(session)
    record.state = .connected
    record.isExpected = !entry.mayShare
    record.goneSince = nil
    if record.sessions == 0 { record.acceptedBefore = published(by: entry.identity) }
    record.sessions += 1
    record.program = String(hello.program.prefix(100))
    record.version = String(hello.version.prefix(100))
    record.health = .ok
    record.healthText = ""
    effects.append(
      .send(
        peer,
        .welcome(
          Welcome(
            version: version, broker: options.name, identity: entry.identity,
            roles: entry.roles.map(\.rawValue).sorted(),
            publish: entry.publish.map(\.text), subscribe: entry.subscribe.map(\.text),
            clearance: entry.clearance.rawValue, limits: options.limits,
            heartbeat: options.heartbeat, journal: journal, first: first, last: durable))))
    session.untold = BusJoined(
      plugin: entry.identity, agency: entry.agency, program: bounded(hello.program), version: bounded(hello.version),
      summary: hello.summary.isEmpty ? nil : bounded(hello.summary),
      publishes: hello.publishes.prefix(64).map { bounded($0) },
      subscribes: hello.subscribes.prefix(64).map { bounded($0) })
    // Whoever looks on for people does so without a trace; status tells of him while he is there.
    if !entry.mayShare || !hello.schemas.isEmpty { leavesTrace(session) }
  }

  /// A session is about to put something into the journal, or to change what the broker keeps: from here on it is on record.
  mutating func leavesTrace(_ session: Session) {
    guard let joined = session.untold else { return }
    session.untold = nil
    announce(.joined(joined), .session, of: session.entry.identity)
  }

  /// Ends a session, if the peer has one; its durable subscriptions keep their place.
  mutating func close(_ peer: PeerID, reason: String, because message: String?) {
    guard let session = sessions.remove(peer) else { return }
    let identity = session.entry.identity
    _ = takeUnfinished(session)
    for key in session.keys { detach(key, peer, inGoodOrder: reason == "bye") }
    let record = session.record
    record.sessions -= 1
    if record.sessions == 0 {
      record.state = .gone
      record.health = nil
      // One whose key was replaced is expected with the new one.
      if reason == "bye" || registry.byIdentity[identity] == nil { record.isExpected = false }
      record.goneSince = record.isExpected ? now.steady : nil
    }
    // A key that was taken away is told of, whatever was done with it.
    guard !isStopping, session.untold == nil || reason == "revoked" else { return }
    announce(
      .left(
        BusLeft(
          plugin: identity, agency: session.entry.agency, reason: reason, message: message.map { bounded($0) },
          published: Int(clamping: published(by: identity) - record.acceptedBefore), refused: record.refusedCount,
          delivered: record.delivered, acked: record.acked)),
      .session, of: identity)
  }

  /// The shell could not send: the connection is gone.
  public mutating func unreachable(_ peer: PeerID, at now: Moment) {
    self.now = now
    close(peer, reason: "error", because: "the connection is gone")
  }

  /// A new registry: sessions whose key it no longer has end at once, the others get their new permissions.
  public mutating func reload(_ registry: Registry, at now: Moment) {
    self.now = now
    self.registry = registry
    for entry in registry.byIdentity.values where plugins[entry.identity] == nil {
      plugins[entry.identity] = PluginRecord(identity: entry.identity, agency: entry.agency)
    }
    for record in plugins.values where registry.byIdentity[record.identity] == nil {
      (record.isExpected, record.goneSince) = (false, nil)
    }
    for state in subscriptions.all { setClearance(of: state) }
    if !doors.shutIdentities.isEmpty { shutDoors() }
    for session in sessions.all {
      let peer = session.peer
      guard let entry = registry.byKey[session.entry.key], entry.identity == session.entry.identity else {
        fail(peer, WireError(.keyRevoked), fatal: true)
        close(peer, reason: "revoked", because: nil)
        continue
      }
      session.adopt(entry)
      for (number, key) in session.subscriptions.sorted(by: { $0.key < $1.key }) {
        guard let state = subscriptions[key] else { continue }
        if let place = state.place(of: peer) { state.members[place].clearance = ClearanceLevel(entry.clearance) }
        let isMember = !state.isGroup || entry.groups.contains(state.name ?? "")
        guard !isMember || !Self.permits(entry, state.types) else { continue }
        fail(
          peer, WireError(isMember ? .subscriptionNotPermitted : .groupNotPermitted), command: "subscribe",
          number: number)
        session.subscriptions[number] = nil
        detach(key, peer)
      }
    }
  }

  static func permits(_ entry: PluginEntry, _ patterns: [TypePattern]) -> Bool {
    patterns.allSatisfy { pattern in entry.subscribe.contains { $0.covers(pattern) } }
  }

  /// The regular look at everything that time alone changes; call it every 100 ms or so.
  public mutating func tick(at now: Moment) {
    self.now = now
    let silence = Int64(options.heartbeat) * 3 * 1_000_000
    for session in sessions.all where now.steady - session.lastHeard > silence {
      effects.append(.send(session.peer, .bye(Bye(reason: "nothing heard for \(options.heartbeat * 3) ms"))))
      close(session.peer, reason: "timeout", because: nil)
    }
    openDoors()
    announcePostponed()
    tellHeld()
    keepBooks()
    historyBudget.tick(options)
    takeBackMore()
    for key in subscriptions.all.map(\.key) {
      if let state = subscriptions[key] { takeBack(state) }
      pump(key)
      watchLag(key)
    }
    save(most: Self.mostSaved)
    checkSums()
  }

  /// The broker is ending: nobody is let in any more, and everybody is told.
  public mutating func stop(at now: Moment) {
    self.now = now
    if life == .running { life = .stopping }
    // What the bus has still to tell of itself goes into the last commit.
    takeBackAll()
    announcePostponed()
    tellHeld(all: true)
    for session in sessions.all { effects.append(.send(session.peer, .bye(Bye(reason: "stopping")))) }
    save(most: .max)
    keepBooks(always: true)
  }
}
