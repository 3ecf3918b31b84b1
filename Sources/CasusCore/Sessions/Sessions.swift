/// The sessions that are open, by connection and by identity.
struct Sessions {
  private var byPeer: [PeerID: Session] = [:]
  private var byIdentity: [String: Set<PeerID>] = [:]

  var count: Int { byPeer.count }

  subscript(peer: PeerID) -> Session? { byPeer[peer] }

  /// Whether this very session is open: another one may have begun on its connection since.
  func isOpen(_ session: Session) -> Bool { byPeer[session.peer] === session }

  /// All of them. In a fixed order, as every list here: the same input shall have the same effects, so that a simulator's run
  /// can be run again.
  var all: [Session] { byPeer.values.sorted { $0.peer.word < $1.peer.word } }

  func peers(of identity: String) -> [PeerID] { (byIdentity[identity] ?? []).sorted { $0.word < $1.word } }

  mutating func add(_ session: Session) {
    precondition(byPeer[session.peer] == nil, "a connection has one session")
    byPeer[session.peer] = session
    byIdentity[session.entry.identity, default: []].insert(session.peer)
  }

  mutating func remove(_ peer: PeerID) -> Session? {
    guard let session = byPeer.removeValue(forKey: peer) else { return nil }
    let identity = session.entry.identity
    byIdentity[identity]?.remove(peer)
    if byIdentity[identity]?.isEmpty == true { byIdentity[identity] = nil }
    return session
  }
}
