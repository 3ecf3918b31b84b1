internal import CasusEvents
internal import CasusWire
internal import DequeModule

/// A place in the journal that moves forward as its members grant credit and acknowledge.
/// A class, so that its books are changed in place: the broker itself is not copyable, and nobody else sees them.
///
/// The journal is the queue: a subscriber that does not keep up costs its cursor, one run of history, and 40 bytes for each
/// event that is pending: at most `pendingEvents` of the limits that were sent, and as many more as its overload
/// policy lets wait.
final class SubscriptionState<Run: EventRun> {
  let key: SubscriptionKey
  /// Whose it is: a plugin, or a group, `jp.nisc/~workers`.
  let identity: String
  /// Durable subscriptions only.
  let name: String?
  let isGroup: Bool
  let types: [TypePattern]
  let senders: [SenderPattern]
  let ackWait: Int
  let maxAttempts: Int
  let backoff: [Int]
  let overload: Overload

  var members: [Member] = []
  /// Whose turn it is.
  var turn = 0
  var lastMember: UInt32 = 0
  /// What may be matched at all: the plugin's clearance; of a group, the highest that the registry permits a member.
  var clearance = TLP.clear

  /// The next sequence to look at; nil until the journal has said where a start by time lies.
  var cursor: UInt64?
  /// What of the journal from there on is for it.
  var ahead = Ahead()
  /// Stretches beyond the acknowledged position that an earlier life of the broker already saw done, rising.
  var skip: Deque<ClosedRange<UInt64>> = []
  /// Attempts of an earlier life of the broker that failed, from the cursor on, rising.
  var failures: Deque<FailedAttempts> = []
  var pending = PendingEvents()
  /// A read that the shell has not answered, by the sequence asked for.
  var reading: UInt64?
  /// The last events read for it.
  var history: Run?
  /// It has been up to date; what it reads from the journal since is what it fell behind.
  var wasLive = false
  /// New and durable: nothing is sent before its position is on disk.
  var isUnkept = false
  /// The shell is writing this first position.
  var isBeingKept = false
  /// Those who left, and whose events are not all taken back yet.
  var leavers: Deque<Leaver> = []
  /// Its first member came before that was over: nothing is sent until it is.
  var awaitsLeavers = false
  /// It has its turn to come, in which events are taken back.
  var isTakingBack = false
  var isDirty = false
  /// More is to be sent than one turn may send.
  var isHungry = false

  /// The overload policy `disconnect` counts only what came after this.
  var liveAfter: UInt64 = 0
  var losses = Losses()
  /// The marks of what its members were sent.
  var heard: StampFlags = []

  // The ledger: matched = acked + pending + quarantined + dropped.
  private(set) var matched: UInt64 = 0
  private(set) var acked: UInt64 = 0
  var quarantined: UInt64 { UInt64(quarantine.count) }
  /// For good: by a person out of quarantine, by the overload policy, or lost with a part of the journal.
  private(set) var dropped: UInt64 = 0
  /// Whether the sum is right.
  var addsUp: Bool { matched == acked + UInt64(pending.count) + quarantined + dropped }
  var quarantine = Quarantine()

  private var matches: [UInt8] = []
  private var senderMatches: [UInt8] = []

  init(
    key: SubscriptionKey, identity: String, name: String?, isGroup: Bool, types: [TypePattern],
    senders: [SenderPattern], ackWait: Int, maxAttempts: Int, backoff: [Int], overload: Overload
  ) {
    self.key = key
    self.identity = identity
    self.name = name
    self.isGroup = isGroup
    self.types = types
    self.senders = senders
    self.ackWait = ackWait
    self.maxAttempts = maxAttempts
    self.backoff = backoff.isEmpty ? Subscribe.defaultBackoff : backoff
    self.overload = overload
  }

  var isDurable: Bool { name != nil }
  /// Whether anything may be sent yet.
  var hasBegun: Bool { !isUnkept && !awaitsLeavers }
  var isLive: Bool { !members.isEmpty }
  /// Nothing is under way to anybody, nobody waits to be told anything, and what comes may be sent at once.
  var isIdle: Bool {
    isLive && hasBegun && !isHungry && reading == nil && losses.untold == nil && pending.count == 0
      && members.allSatisfy { $0.hasCredit && !$0.wantsProgress }
  }

  /// It is up to date: what it looks at is in memory.
  func readsTail() {
    history = nil
    wasLive = true
  }

  /// Goes on behind a run of which it wants nothing.
  func pass(over run: Run) {
    if isDurable { isDirty = true }
    cursor = run.lastSequence + 1
  }

  /// Unique among durable subscriptions.
  var cursorName: String? { name.map { "\(identity)#\($0)" } }

  /// Everything up to here needs no more work.
  var ackedThrough: UInt64 { (pending.first ?? cursor ?? 1) - 1 }

  /// Milliseconds to wait before an event that was delivered `attempts` times is sent again.
  func pause(after attempts: Int) -> Int { backoff[min(max(attempts, 1), backoff.count) - 1] }

  func matches(_ stamp: RecordStamp, types typeNames: Names, senders senderNames: Names) -> Bool {
    matches(RecordKind(stamp), types: typeNames, senders: senderNames)
  }

  func matches(_ kind: RecordKind, types typeNames: Names, senders senderNames: Names) -> Bool {
    guard kind.marking <= clearance else { return false }
    let isType = Self.ask(kind.type, &matches) { name in types.contains { $0.matches(typeNames[name]) } }
    guard isType, !senders.isEmpty else { return isType }
    return Self.ask(kind.sender, &senderMatches) { name in senders.contains { $0.matches(senderNames[name]) } }
  }

  /// Whether nothing of a run can be for this one.
  func passesOver(_ kinds: RunKinds, types typeNames: Names, senders senderNames: Names) -> Bool {
    guard let all = kinds.all else { return false }
    return !all.contains { matches($0.kind, types: typeNames, senders: senderNames) }
  }

  /// How many events of a run, from a place on, are for this one and not done with: by its kinds, where all of it counts.
  func count(of run: Run, from place: Int, types typeNames: Names, senders senderNames: Names) -> Int {
    let isUndone = skip.last.map { $0.upperBound < run.firstSequence } ?? true
    if place == 0, isUndone, let all = run.kinds.all {
      return all.reduce(0) { $0 + (matches($1.kind, types: typeNames, senders: senderNames) ? $1.count : 0) }
    }
    return (place..<run.count).reduce(0) { count, index in
      let isFor = matches(run.stamp(at: index), types: typeNames, senders: senderNames)
      return count + (isFor && !isDone(run.firstSequence + UInt64(index)) ? 1 : 0)
    }
  }

  /// As `isSkipped`, asked in any order.
  func isDone(_ sequence: UInt64) -> Bool {
    let place = skip.firstPlace { $0.upperBound < sequence }
    return place < skip.count && skip[place].contains(sequence)
  }

  /// Asks the patterns once for each name.
  private static func ask(_ id: UInt16, _ known: inout [UInt8], _ matches: (UInt16) -> Bool) -> Bool {
    let index = Int(id)
    while known.count <= index { known.append(0) }
    if known[index] == 0 { known[index] = matches(id) ? 1 : 2 }
    return known[index] == 1
  }

  /// Whether an earlier life of the broker has seen this one done. Asked in rising order.
  func isSkipped(_ sequence: UInt64) -> Bool {
    while let range = skip.first, range.upperBound < sequence { skip.removeFirst() }
    return skip.first?.contains(sequence) ?? false
  }

  /// Takes sequences, which rise, out of what is passed over.
  func unskip(_ sequences: [UInt64]) {
    var rest = sequences[...]
    skip = Deque(skip.flatMap { $0.without(&rest) })
  }

  func match() { matched += 1 }
  /// They will match once more.
  func unmatch(_ count: Int) { matched -= UInt64(count) }
  func acknowledge(_ count: Int) { acked += UInt64(count) }
  func drop(_ count: Int) { dropped += UInt64(count) }

  /// What was pending is matched again. False for a position that says otherwise: no broker that works has written it.
  func restoreBooks(_ cursor: CursorRecord) -> Bool {
    quarantine = Quarantine(cursor.quarantine)
    if let lost = cursor.lost { losses.restore(lost.count, first: lost.first, last: lost.last) }
    acked = cursor.ackedCount
    dropped = cursor.dropped
    matched = acked + quarantined + dropped
    return matched == cursor.matched
  }

  /// Goes on where an earlier session of the same durable subscription was.
  func resume(_ earlier: SubscriptionState) {
    cursor = earlier.cursor
    ahead = earlier.ahead
    clearance = earlier.clearance
    skip = earlier.skip
    failures = earlier.failures
    pending = earlier.pending
    lastMember = earlier.lastMember
    matched = earlier.matched
    acked = earlier.acked
    dropped = earlier.dropped
    losses = earlier.losses.resumed
    quarantine = earlier.quarantine
    isUnkept = earlier.isUnkept
    isBeingKept = earlier.isBeingKept
    heard = earlier.heard
    leavers = earlier.leavers
    awaitsLeavers = !leavers.isEmpty
    isTakingBack = earlier.isTakingBack
  }

  /// Nobody is there: what was never sent waits in the journal again.
  func unpark() {
    guard !isGroup, let cursor, let first = pending.firstParked else { return }
    let done = pending.doneRanges(upTo: cursor - 1).filter { $0.upperBound >= first }
    skip = Deque(done) + skip
    failures = Deque(pending.failures(most: Self.mostFailures).filter { $0.last >= first }) + failures
    let count = pending.removeTail(from: first)
    unmatch(count)
    ahead.goBack(from: cursor, count)
    self.cursor = first
  }

  /// As it is to be found after a restart: what is pending now will be matched again then.
  var record: CursorRecord? {
    guard let name, let cursor else { return nil }
    return CursorRecord(
      identity: identity, name: name, isGroup: isGroup, types: types.map(\.text), senders: senders.map(\.text),
      acked: ackedThrough, done: pending.doneRanges(upTo: cursor - 1) + skip.filter { $0.upperBound >= cursor },
      ackWait: ackWait, maxAttempts: maxAttempts, matched: matched - UInt64(pending.count),
      ackedCount: acked, quarantined: quarantined, dropped: dropped, quarantine: quarantine.events,
      failures: allFailures, marks: heard.rawValue,
      lost: losses.untold.map { .init(first: $0.first, last: $0.last, count: $0.count) })
  }
}
