/// Who is not served for a while: plugins that have spent their budget, and those of their connections that are known. Times are
/// steady.
struct Doors {
  /// By identity: until when.
  private var plugins: [String: Int64] = [:]
  /// Whose it was, since the routing id may be another's one day, and until when its frames are passed over.
  private var peers: [PeerID: (key: String, identity: String, until: Int64)] = [:]

  /// Whose frames a peer's are, when they are passed over: asked of every frame, and as a rule nobody is shut out.
  func passOver(_ peer: PeerID, _ user: UnsafeBufferPointer<UInt8>?) -> String? {
    guard !peers.isEmpty, let shut = peers[peer], let user else { return nil }
    return shut.key.utf8.elementsEqual(user) ? shut.identity : nil
  }

  func isShut(_ identity: String) -> Bool { !plugins.isEmpty && plugins[identity] != nil }

  var shutIdentities: [String] { Array(plugins.keys) }

  mutating func shut(_ identity: String, until: Int64) { plugins[identity] = until }

  /// What comes over this connection is passed over, too. For how many seconds; nil when its plugin is not shut out.
  mutating func shut(_ peer: PeerID, of entry: PluginEntry, at now: Int64) -> Int? {
    guard !plugins.isEmpty, let until = plugins[entry.identity] else { return nil }
    peers[peer] = (entry.key, entry.identity, until)
    return Int(max(1, (until - now + 999_999_999) / 1_000_000_000))
  }

  /// Lets those in again whose time is over; false when there are none.
  mutating func open(at now: Int64) -> Bool {
    guard !plugins.isEmpty || !peers.isEmpty else { return false }
    let count = plugins.count
    peers = peers.filter { $0.value.until > now }
    plugins = plugins.filter { $0.value > now }
    return plugins.count < count
  }
}
