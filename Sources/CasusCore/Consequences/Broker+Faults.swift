internal import CasusEvents
internal import CasusWire

extension Broker {
  /// A frame over a connection of a plugin that is shut out: it is counted, and no more.
  mutating func passOver(_ peer: PeerID, _ user: UnsafeBufferPointer<UInt8>?) -> Bool {
    guard let identity = doors.passOver(peer, user) else { return false }
    plugins[identity]?.turnedAway += 1
    return true
  }

  /// Points of its budget that a plugin has spent and that have not come back.
  public func spentPoints(of identity: String) -> Int { consequences.spent(by: identity, at: now.steady) }

  /// A frame of a plugin that is shut out, over a connection that is not known yet: told once, then passed over.
  mutating func turnAway(_ peer: PeerID, _ entry: PluginEntry) -> Bool {
    guard doors.isShut(entry.identity), sessions[peer] == nil,
      let seconds = doors.shut(peer, of: entry, at: now.steady)
    else { return false }
    plugins[entry.identity]?.turnedAway += 1
    fail(
      peer, WireError(.flooding, "\(entry.identity) is not served for another \(seconds) s"), fatal: true,
      retryAfter: seconds * 1000)
    return true
  }

  /// Charges a plugin for what it made the broker do, and cuts it off when that was too much.
  ///
  /// - Parameter peer: where the command came from; nil when it is the consequence of an earlier one.
  mutating func charge(_ act: Act, count: Int = 1, bytes: Int = 0, to entry: PluginEntry, _ peer: PeerID?) {
    // One that the registry has dropped is cut off already; its last frames open no new account.
    guard count > 0, !doors.isShut(entry.identity) else { return }
    if let cut = consequences.charge(act, count: count, bytes: bytes, to: entry.identity, at: now.steady) {
      cutOff(entry, peer, cut)
    }
  }

  /// Charges the first of a subscription's members that is there. Who is away does nothing.
  mutating func charge(_ act: Act, to state: SubscriptionState<Run>) {
    guard let peer = state.members.first?.peer, let entry = sessions[peer]?.entry else { return }
    charge(act, to: entry, peer)
  }

  /// Charges for a command that was carried out. What a delivery calls for was paid with the delivery.
  mutating func charge(for command: ClientCommand, to entry: PluginEntry, _ peer: PeerID) {
    switch command {
    case .publish(let publish):
      if publish.count == 0 { charge(.command, to: entry, peer) }
    // A list is as long as a message may be: it is paid for by its length.
    case .ack(let ack): answerDelivery(1 + ack.also.count / 64, entry, peer)
    case .nack(let nack): answerDelivery(1 + nack.sequences.count / 64, entry, peer)
    case .credit: answerDelivery(1, entry, peer)
    case .request: charge(.request, to: entry, peer)
    case .hello: charge(.session, to: entry, peer)
    case .subscribe, .unsubscribe, .ping, .bye: charge(.command, to: entry, peer)
    }
  }

  private mutating func answerDelivery(_ count: Int, _ entry: PluginEntry, _ peer: PeerID) {
    guard let session = sessions[peer] else { return }
    if !session.freeAnswers.take(count) { charge(.command, count: count, to: entry, peer) }
  }

  /// Charges for a command that was refused. For what the broker is short of its clients do not pay.
  mutating func charge(
    for error: WireError, of command: ClientCommand?, bytes: Int, to entry: PluginEntry, _ peer: PeerID
  ) {
    if case .publish = command, error.code.rawValue >= 500 { return }
    if case .hello = command {
      charge(.session, bytes: bytes, to: entry, peer)
    } else {
      charge(.message, bytes: bytes, to: entry, peer)
    }
  }

  /// Messages without a batch that a peer may have under way: what its deliveries call for, and a few of its own.
  public func mostCommands(of peer: PeerID) -> Int { (sessions[peer]?.freeAnswers.count ?? 0) + Act.commandsUnasked }

  /// The shell has ended a peer's connection: so many bytes came in without a whole message.
  public mutating func receiveEndless(from peer: PeerID, bytes: Int, at now: Moment) {
    self.now = now
    guard let entry = sessions[peer]?.entry else { return }
    charge(.message, bytes: bytes, to: entry, peer)
  }

  /// Ends all sessions of a plugin that has spent its budget, tells it and everyone why, and lets it in no more for a while.
  private mutating func cutOff(_ entry: PluginEntry, _ peer: PeerID?, _ cut: FaultCut) {
    let identity = entry.identity
    let until = now.steady + Int64(cut.seconds) * 1_000_000_000
    let text = "\(identity) is not served for \(cut.seconds) s: \(cut.text) in a short time"
    plugins[identity]?.cutOffs += 1
    plugins[identity]?.shutUntil = until
    doors.shut(identity, until: until)
    // At most once in the time for which it is shut out.
    announce(
      .refused(
        BusRefused(
          plugin: identity, agency: entry.agency, code: WireErrorCode.flooding.rawValue,
          name: WireErrorCode.flooding.name, message: text, count: max(1, cut.total))), .message, of: identity)
    let peers = Set(sessions.peers(of: identity)).union(peer.map { [$0] } ?? [])
    for peer in peers.sorted(by: { $0.word < $1.word }) {
      fail(peer, WireError(.flooding, text), fatal: true, retryAfter: cut.seconds * 1000)
      _ = doors.shut(peer, of: entry, at: now.steady)
      close(peer, reason: "error", because: text)
    }
    effects.append(.note(text))
    shutDoors()
  }

  /// Lets those in again whose time is over.
  mutating func openDoors() { if doors.open(at: now.steady) { shutDoors() } }

  /// Tells the shell which keys may not connect for now.
  mutating func shutDoors() {
    effects.append(.shut(Set(doors.shutIdentities.compactMap { registry.byIdentity[$0]?.key })))
  }
}
