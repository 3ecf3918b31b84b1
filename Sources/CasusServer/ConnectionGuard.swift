internal import CPlatform
internal import CasusCore

/// Cuts off whoever makes libzmq hold more than an honest peer ever would.
///
/// libzmq's limits count messages and bound a frame; the frames of a message that never ends are bounded by nothing, and
/// the application sees none of them. The kernel knows how much came in on each connection, and the loop how much of
/// it it was handed: the difference is what libzmq holds. An honest client has at most its window under way.
///
/// With many connections a look takes milliseconds, and what libzmq holds is memory: then it waits until there is more
/// memory in use, or a second has passed.
///
/// TCP only: of a Unix socket the kernel does not count the bytes, so give those who may use `ipc://` a folder that
/// strangers cannot enter, and the broker a memory limit. Belongs to the loop's thread. A look costs a few system calls a
/// descriptor.
struct ConnectionGuard {
  struct Cut: Sendable {
    var address: String
    var bytes: Int
    /// Nil for one that was never heard.
    var peer: PeerID?
  }

  private struct Known {
    var inode: UInt64
    /// Bytes of the wire that libzmq does not hold any more.
    var settled: UInt64
  }

  private struct Place: Hashable {
    var descriptor: Int32
    var inode: UInt64
  }

  private let limit: UInt64
  private var room = 64
  private var known: [Int32: Known] = [:]
  /// Bytes of the wire that were handed to the loop since the last look, by descriptor.
  private var taken: [Int32: UInt64] = [:]
  /// The connection that a peer was first heard on.
  private var places: [PeerID: Place] = [:]
  /// Connections that are to end, and how many looks from now.
  private var ending: [Place: Int] = [:]
  private var rhythm = Rhythm()
  /// Connections refused for their routing id since they were told last, and where the last one came from.
  private var refused: (count: Int, last: String)?

  /// When a look at many connections is due.
  struct Rhythm {
    /// Fewer than this are looked at each time.
    static let few = 64
    /// Bytes more in use than at the last look.
    static let growth = 8 << 20
    /// Times that it may be put off.
    static let most = 9

    private var resident = 0
    private var putOff = 0

    /// - Parameters:
    ///   - resident: bytes that the process has in use; 0 when that is not known.
    mutating func isDue(connections: Int, resident: Int) -> Bool {
      if connections >= Self.few, resident > 0, putOff < Self.most, resident - self.resident < Self.growth {
        putOff += 1
        return false
      }
      self.resident = resident
      putOff = 0
      return true
    }
  }

  /// What the kernel may have received of small messages that libzmq has no room for yet, as acknowledgements, in bytes.
  static let leastLimit = 8 << 20

  /// - Parameters:
  ///   - limit: what one connection may make libzmq hold, in bytes, beyond what arrives between two looks.
  init(limit: Int) { self.limit = UInt64(limit) }

  /// The bytes that a frame of CURVE takes on the wire: its name, nonce, flags and authenticator, and ZMTP's head.
  static func wireSize(_ frame: Int) -> Int { frame + 33 + (frame + 33 > 255 ? 9 : 2) }

  /// The loop was handed a whole message of so many bytes on the wire; by nobody when its routing id is refused.
  mutating func took(_ bytes: Int, from descriptor: Int32, _ peer: PeerID?) {
    taken[descriptor, default: 0] += UInt64(bytes)
    guard let peer else { return }
    // The socket at once: a short connection's descriptor is another's before anybody looks.
    if places[peer] == nil {
      places[peer] = Place(descriptor: descriptor, inode: casus_connection_inode(descriptor))
    }
  }

  /// Ends a peer's connection, after so many looks: time for the last words to leave.
  mutating func end(_ peer: PeerID, after looks: Int) {
    if let place = places[peer], ending[place] == nil { ending[place] = looks }
  }

  /// Ends a connection that is nobody's, at the next look but one.
  mutating func refuse(_ descriptor: Int32) {
    let place = Place(descriptor: descriptor, inode: casus_connection_inode(descriptor))
    guard ending[place] == nil else { return }
    ending[place] = 1
    refused = ((refused?.count ?? 0) + 1, Self.peer(descriptor))
  }

  mutating func takeRefused() -> (count: Int, last: String)? {
    defer { refused = nil }
    return refused
  }

  /// Ends the connections that are over the limit, and tells which.
  ///
  /// - Parameters:
  ///   - isDrained: the loop was handed every whole message that there was.
  mutating func look(isDrained: Bool) -> [Cut] {
    let resident = known.count < Rhythm.few ? 0 : Int(casus_memory_resident())
    let cuts = rhythm.isDue(connections: known.count, resident: resident) ? lookAtAll(isDrained: isDrained) : []
    for (place, looks) in ending {
      ending[place] = looks > 0 ? looks - 1 : nil
      guard looks == 0, casus_connection_inode(place.descriptor) == place.inode else { continue }
      _ = casus_connection_end(place.descriptor)
    }
    return cuts
  }

  private mutating func lookAtAll(isDrained: Bool) -> [Cut] {
    let found = connections()
    var next: [Int32: Known] = [:]
    next.reserveCapacity(found.count)
    var cuts: [Cut] = []
    for connection in found {
      var state = Known(inode: connection.inode, settled: 0)
      if let earlier = known[connection.descriptor], earlier.inode == connection.inode { state = earlier }
      if let bytes = taken[connection.descriptor] {
        // What is left of an honest connection are heartbeats and the beginning of a message.
        state.settled = isDrained ? connection.received : min(state.settled + bytes, connection.received)
      }
      let held = connection.received - min(state.settled, connection.received)
      if held > limit {
        let address = Self.peer(connection.descriptor)
        let peer = places.first { $0.value.inode == connection.inode }?.key
        if casus_connection_end(connection.descriptor) == 0 {
          cuts.append(Cut(address: address, bytes: Int(held), peer: peer))
        }
      }
      next[connection.descriptor] = state
    }
    // Also those of Unix sockets, of which the list does not tell.
    places = places.filter {
      next[$0.value.descriptor]?.inode == $0.value.inode
        || casus_connection_inode($0.value.descriptor) == $0.value.inode
    }
    known = next
    taken.removeAll(keepingCapacity: true)
    return cuts
  }

  /// The process's TCP connections. Room is taken for as many as there were, and for more when it was not enough.
  private mutating func connections() -> [casus_connection] {
    while true {
      let found = [casus_connection](unsafeUninitializedCapacity: room) { buffer, count in
        count = Int(max(0, casus_connections(buffer.baseAddress, Int32(room))))
      }
      if found.count < room || room >= 65_536 { return found }
      room *= 2
    }
  }

  private static func peer(_ descriptor: Int32) -> String {
    var text = [CChar](repeating: 0, count: 64)
    casus_connection_peer(descriptor, &text, Int32(text.count))
    return String(decoding: text.lazy.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
