internal import CasusEvents
internal import CasusWire

/// One welcomed connection. A class, so that its books are changed in place: a value in the broker's dictionary would cost
/// allocations for each change.
final class Session {
  let peer: PeerID
  var entry: PluginEntry
  let sender: UInt16
  /// What is remembered of its plugin.
  let record: PluginRecord
  /// `//` + identity: the only source that it may publish.
  let source: [UInt8]
  let sourceKey: DedupWindow.Source
  /// What is told of it when it begins to leave traces; nil once that is told.
  var untold: BusJoined?
  /// Steady time.
  var lastHeard: Int64
  /// What batches that were taken and not yet answered take of the window, in bytes.
  var windowUsed = 0
  /// A batch that was refused as a whole and may come again, and why: none behind it is taken before it, or the publisher's
  /// order would be lost.
  var held: (batch: Int, error: WireErrorCode)?
  /// A batch of which a part is judged; the rest has its turn after others.
  var unfinished: UnfinishedBatch?
  var freeAnswers = FreeAnswers()
  /// The shell cannot send to it at the moment.
  var isHeldUp = false
  private var ownHeard: StampFlags = []
  /// The marks of what was delivered to it; of a plugin, in all its sessions: a new connection does not forget. People watch an
  /// exercise in one session and publish in another.
  var heard: StampFlags { entry.mayShare ? ownHeard : record.heard }

  func hears(_ marks: StampFlags) {
    ownHeard.formUnion(marks)
    record.heard.formUnion(marks)
  }
  /// By the client's own numbers.
  var subscriptions: [Int: SubscriptionKey] = [:]
  /// Its subscriptions by rising number.
  var keys: [SubscriptionKey] { subscriptions.sorted { $0.key < $1.key }.map(\.value) }

  /// Whether it may publish a type, by the type's number: 0 not asked yet, 1 yes, 2 no.
  private var mayPublish: [UInt8] = []

  init(peer: PeerID, entry: PluginEntry, record: PluginRecord, sender: UInt16, at now: Int64) {
    self.peer = peer
    self.entry = entry
    self.sender = sender
    self.record = record
    source = Array("//\(entry.identity)".utf8)
    sourceKey = source.withUnsafeBufferPointer { DedupWindow.Source($0) }
    lastHeard = now
  }

  func mayPublish(_ type: UInt16, _ names: Names) -> Bool {
    let index = Int(type)
    while mayPublish.count <= index { mayPublish.append(0) }
    if mayPublish[index] == 0 {
      mayPublish[index] = entry.publish.contains { $0.matches(names[type]) } ? 1 : 2
    }
    return mayPublish[index] == 1
  }

  /// The registry was reloaded: what it said before no longer counts.
  func adopt(_ entry: PluginEntry) {
    self.entry = entry
    mayPublish.removeAll(keepingCapacity: true)
  }
}
