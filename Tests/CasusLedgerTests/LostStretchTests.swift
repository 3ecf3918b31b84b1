import CasusCases
import CasusEvents
import Testing

@testable import CasusLedger

/// A journal of which a stretch is lost is signed on again once an event of its own has said so.
@Suite("A lost stretch")
struct LostStretchTests {
  /// The event that says so.
  static func loss(
    _ lost: [ClosedRange<UInt64>], at sequence: UInt64, by sender: String = "casus/journal", flags: StampFlags = []
  ) throws -> RecordedEvent {
    let payload = BusLoss(journal: String(repeating: "5f", count: 16), lost: lost, found: ["EXERCISE"], by: "EXERCISE")
    let draft = Draft(payload, id: "loss-\(sequence)", time: Timestamp(nanoseconds: 0), exercise: true)
    return try RecordedEvent(
      stamp: Stamp(sequence: sequence, recorded: Timestamp(nanoseconds: 1), sender: sender, flags: flags),
      bytes: try draft.encoded(source: "//\(sender)"))
  }

  /// Events 1 to 3 and 10 to 12, of which the last says that 4 to 9 are lost.
  static func journal() throws -> [RecordedEvent] {
    let events = try SnapshotTests.journal(11)
    return try events.filter { !(4...9).contains($0.stamp.sequence) } + [loss([4...9], at: 12)]
  }

  @Test func `is one leaf of its own kind in its place`() throws {
    let events = try Self.journal()
    var merkle = MerkleTree()
    for event in events {
      if event.stamp.sequence == 10 {
        let data: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0]
        merkle.append(SHA256Digest(of: [0] + data))
      }
      merkle.append(JournalTree.leaf(event.stamp, SHA256Digest(of: event.bytes)))
    }
    let tree = try SnapshotTests.tree(events)
    #expect(tree.root == merkle.root && tree.size == 12 && tree.missing == [])
    #expect(merkle.count == 7)
    #expect(
      JournalTree.leaf(lost: 4...9).hex == "d2a1ec365d3bdedcf867a7415509a0316a3ab3226f50f77dac211231d9089830")
  }

  @Test func `counts as lost only when the journal itself names exactly it`() throws {
    let events = try Self.journal().dropLast()
    let others = try [
      Self.loss([4...8], at: 12), Self.loss([3...9], at: 12), Self.loss([4...10], at: 12), Self.loss([], at: 12),
      Self.loss([4...9], at: 12, by: "xx.exercise/a"), Self.loss([4...9], at: 12, flags: .replayed),
      SnapshotTests.journal(12)[11],
    ]
    for other in others {
      let tree = try SnapshotTests.tree(events + [other])
      #expect(tree.root == nil && tree.missing == [4...9])
    }
    // Said later, or again, or together with another.
    for lost in [[4...9], [1...2, 4...9]] as [[ClosedRange<UInt64>]] {
      #expect(try SnapshotTests.tree(events + [others[0], Self.loss(lost, at: 13)]).root != nil)
    }
  }

  @Test func `leaves roots of before as they were, and those that rested on it unknown`() throws {
    let events = try Self.journal() + SnapshotTests.journal(20).suffix(8)
    for window in [1, 4, 100] {
      var history = JournalHistory(window: window)
      var roots: [UInt64: SHA256Digest] = [:]
      for event in events {
        try history.append(event)
        roots[event.stamp.sequence] = history.tree.root
        for size in UInt64(0)...event.stamp.sequence {
          guard let root = history.root(at: size) else { continue }
          #expect(root == (size == 0 ? MerkleHash.empty : roots[size]))
        }
      }
      #expect(Set(roots.keys) == [1, 2, 3, 12, 13, 14, 15, 16, 17, 18, 19, 20])
      for size in UInt64(4)...11 { #expect(history.root(at: size) == nil) }
      if window == 100 { for size in roots.keys { #expect(history.root(at: size) == roots[size]) } }
    }
  }

  @Test func `is not seen everywhere by whoever may not read everything`() throws {
    var tree = JournalTree()
    let bytes = try SnapshotTests.journal(1)[0].bytes
    let error = #expect(throws: LedgerError.self) {
      for sequence in 1...UInt64(JournalTree.mostMissing + 2) {
        let stamp = Stamp(sequence: 2 * sequence, recorded: Timestamp(nanoseconds: 1), sender: "a/b", flags: [])
        try tree.append(RecordedEvent(stamp: stamp, bytes: bytes))
      }
    }
    #expect(error?.code == .gap && tree.missing.count == JournalTree.mostMissing)
  }

  @Test func `at the end is followed by statements that are signed and verified`() throws {
    var journal = try QuorumTests.opened()
    let end = try #require(journal.events.last?.stamp.sequence)
    let next = end + 1_000_000
    let loss = BusLoss(journal: "5f", lost: [(end + 1)...(next - 1)], found: ["EXERCISE"], by: "EXERCISE")
    try journal.append(
      Draft(loss, id: "loss", time: journal.now, exercise: true), by: BusLoss.sender, at: next)
    let statement = try journal.decision()
    #expect(statement.snapshot.treeSize == String(next))
    try journal.sign(statement, jp: [journal.jp1], us: [journal.us1])
    #expect(journal.record.verdict.stands && journal.codes == [])
    let dossier = try journal.projection.dossier(of: "C-1")
    #expect(dossier.decision.rootChecked && dossier.asOf.root != nil)
    // Another root is refused as ever.
    var wrong = try journal.decision(.noAction)
    wrong.snapshot.root = sha256Hex([])
    try journal.publish(Decision(signing: wrong, party: "JP", with: [journal.jp1]))
    #expect(journal.codes == ["wrong-root"])
  }

  @Test func `in the midst takes nothing from statements that were signed before`() throws {
    var journal = try QuorumTests.opened()
    // An event of no case, between the evidence and the decision.
    let left = BusLeft(plugin: "a/b", agency: "a", reason: "bye")
    try journal.append(left, id: "left", by: "casus/broker")
    let gone = try #require(journal.events.last?.stamp.sequence)
    try journal.append(left, id: "left again", by: "casus/broker")
    try journal.sign(journal.decision(), jp: [journal.jp1], us: [journal.us1])
    let last = try #require(journal.events.last?.stamp.sequence)
    var projection = CaseProjection(policies: [journal.policy])
    for event in journal.events where event.stamp.sequence != gone { projection.apply(event) }
    #expect(throws: CaseError.self) { try projection.snapshot(of: "i-1") }
    projection.apply(try Self.loss([gone...gone], at: last + 1))
    let record = try #require(projection.cases["C-1"])
    #expect(record.verdict.stands && record.findings == [])
    #expect(try !projection.dossier(of: "C-1").decision.rootChecked)
    #expect(try projection.snapshot(of: "i-1").treeSize == String(last + 1))
  }
}
