internal import CasusEvents
internal import CasusWire
internal import DequeModule

/// A place in the journal that moves forward as the subscriber grants credit and acknowledges.
/// A class, so that its books are changed in place: the broker itself is not copyable, and nobody else sees them.
///
/// The journal is the queue: a subscriber that does not keep up costs its cursor and what it was sent and has not
/// acknowledged, never a copy of what it has yet to see.
final class SubscriptionState<Run: EventRun> {
  /// Delivered and not acknowledged.
  struct InFlight {
    var sequence: UInt64
    var type: UInt16
    var attempts: Int
    /// Steady time. Waiting for its acknowledgement until then; or, when `isDue`, to be sent again from then on.
    var deadline: Int64
    var isDue: Bool
    var isDone = false
    var reason = ""
  }

  let key: SubscriptionKey
  let identity: String
  /// Durable subscriptions only.
  let name: String?
  let types: [TypePattern]
  let senders: [SenderPattern]
  let ackWait: Int
  let maxAttempts: Int
  let wantsProgress: Bool

  /// The session it belongs to now, and the number it has there.
  var peer: PeerID?
  var number = 0
  /// What its plugin may read; an event without a marking counts as RED.
  var clearance = TLP.clear
  var creditEvents = 0
  var creditBytes = 0

  /// The next sequence to look at; nil until the journal has said where a start by time lies.
  var cursor: UInt64?
  /// Events beyond the acknowledged position that an earlier life of the broker already saw done.
  var skip: Set<UInt64> = []
  var inFlight: Deque<InFlight> = []
  /// A read that the shell has not answered, by the sequence asked for.
  var reading: UInt64?
  /// The last events read for it.
  var history: Run?
  var toldProgress: UInt64 = 0
  /// New and durable: nothing is sent before its position is on disk.
  var isUnkept = false
  var isDirty = false
  var lagAnnounced = false

  // The ledger: matched = acked + pending + quarantined + dropped.
  var matched: UInt64 = 0
  var acked: UInt64 = 0
  var quarantined: UInt64 = 0
  /// Taken out of quarantine by a person, for good.
  var dropped: UInt64 = 0
  /// What is in quarantine, oldest first.
  var quarantine: [QuarantinedEvent] = []

  private var matches: [UInt8] = []
  private var senderMatches: [UInt8] = []

  init(
    key: SubscriptionKey, identity: String, name: String?, types: [TypePattern], senders: [SenderPattern], ackWait: Int,
    maxAttempts: Int, wantsProgress: Bool
  ) {
    self.key = key
    self.identity = identity
    self.name = name
    self.types = types
    self.senders = senders
    self.ackWait = ackWait
    self.maxAttempts = maxAttempts
    self.wantsProgress = wantsProgress
  }

  var isDurable: Bool { name != nil }

  /// Unique among durable subscriptions.
  var cursorName: String? { name.map { "\(identity)#\($0)" } }

  var pending: Int { inFlight.reduce(0) { $0 + ($1.isDone ? 0 : 1) } }

  /// Everything up to here needs no more work.
  var ackedThrough: UInt64 {
    if let first = inFlight.first { return first.sequence - 1 }
    return (cursor ?? 1) - 1
  }

  func matches(_ stamp: RecordStamp, types typeNames: Names, senders senderNames: Names) -> Bool {
    guard (stamp.flags.marking ?? .red) <= clearance else { return false }
    let isType = Self.ask(stamp.type, &matches) { name in types.contains { $0.matches(typeNames[name]) } }
    guard isType, !senders.isEmpty else { return isType }
    return Self.ask(stamp.sender, &senderMatches) { name in senders.contains { $0.matches(senderNames[name]) } }
  }

  /// Asks the patterns once for each name.
  private static func ask(_ id: UInt16, _ known: inout [UInt8], _ matches: (UInt16) -> Bool) -> Bool {
    let index = Int(id)
    while known.count <= index { known.append(0) }
    if known[index] == 0 { known[index] = matches(id) ? 1 : 2 }
    return known[index] == 1
  }

  /// The place of a sequence in flight, by binary search.
  func place(of sequence: UInt64) -> Int? {
    var low = 0
    var high = inFlight.count
    while low < high {
      let middle = (low + high) / 2
      if inFlight[middle].sequence < sequence { low = middle + 1 } else { high = middle }
    }
    return low < inFlight.count && inFlight[low].sequence == sequence ? low : nil
  }

  /// Marks one done; returns whether it was pending.
  func finish(at place: Int) -> Bool {
    guard !inFlight[place].isDone else { return false }
    inFlight[place].isDone = true
    isDirty = true
    return true
  }

  func dropDone() {
    while let first = inFlight.first, first.isDone { inFlight.removeFirst() }
  }

  var record: CursorRecord? {
    guard let name, cursor != nil else { return nil }
    return CursorRecord(
      identity: identity, name: name, types: types.map(\.text), senders: senders.map(\.text), acked: ackedThrough,
      done: inFlight.filter(\.isDone).map(\.sequence), ackWait: ackWait, maxAttempts: maxAttempts,
      matched: matched - UInt64(pending), ackedCount: acked, quarantined: quarantined, dropped: dropped,
      quarantine: quarantine)
  }
}
