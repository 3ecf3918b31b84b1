import CasusEvents
import CasusLedger
import Testing

@Suite struct SnapshotTests {
  static func journal(_ count: Int, changing changed: UInt64? = nil, flags: StampFlags = []) throws
    -> [RecordedEvent]
  {
    try (1...UInt64(count)).map { sequence in
      let text = sequence == changed ? "changed" : "EXERCISE"
      let draft = Draft(
        BusLeft(plugin: "a/b", agency: "a", reason: "bye", message: text), id: "e-\(sequence)",
        time: Timestamp(nanoseconds: 0))
      return try RecordedEvent(
        stamp: Stamp(
          sequence: sequence, recorded: Timestamp(nanoseconds: 1), sender: "a/b", flags: flags),
        bytes: try draft.encoded(source: "//a/b"))
    }
  }

  static func tree(_ events: [RecordedEvent]) throws -> JournalTree {
    var tree = JournalTree()
    for event in events { try tree.append(event) }
    return tree
  }

  static func check(_ snapshot: EvidenceSnapshot, _ journal: [RecordedEvent]) throws
    -> SnapshotCheck
  {
    var check = SnapshotCheck(snapshot)
    for event in journal { try check.feed(event) }
    return check
  }

  @Test
  func `a snapshot holds for its journal, also after the journal has grown`() throws {
    let journal = try Self.journal(20)
    let snapshot = try EvidenceSnapshot(
      of: [journal[4], journal[2], journal[4]], in: Self.tree(Array(journal.prefix(9))))
    #expect(snapshot.events.map(\.sequence) == ["3", "5"])
    #expect(snapshot.treeSize == "9")
    #expect(try Self.check(snapshot, journal).holds)
    #expect(try Self.check(snapshot, Array(journal.prefix(9))).holds)
    #expect(try !Self.check(snapshot, Array(journal.prefix(8))).holds)
  }

  @Test
  func `a changed event, listed or not, a changed stamp and a changed snapshot are found`() throws {
    let journal = try Self.journal(9)
    let snapshot = try EvidenceSnapshot(of: [journal[2]], in: Self.tree(journal))
    #expect(try !Self.check(snapshot, Self.journal(9, changing: 3)).holds)
    #expect(try !Self.check(snapshot, Self.journal(9, changing: 7)).holds)
    #expect(try !Self.check(snapshot, Self.journal(9, flags: .exercise)).holds)
    #expect(try Self.check(snapshot, Self.journal(9, flags: .redelivered)).holds)
    var other = snapshot
    other.events[0].sequence = "4"
    #expect(try !Self.check(other, journal).holds)
    other = snapshot
    other.events.append(other.events[0])
    #expect(try !Self.check(other, journal).holds)
    other = snapshot
    other.treeSize = "two"
    #expect(try !Self.check(other, journal).holds)
    other.treeSize = "2"
    #expect(try !Self.check(other, journal).holds)
  }

  @Test
  func `a journal with a gap has no root, and one in another order no tree`() throws {
    let journal = try Self.journal(9)
    for events in [Array(journal.dropFirst()), [journal[0], journal[2]]] {
      let tree = try Self.tree(events)
      #expect(tree.root == nil && tree.missing.count == 1)
      let error = #expect(throws: LedgerError.self) { try EvidenceSnapshot(of: [journal[2]], in: tree) }
      #expect(error?.code == .gap)
    }
    let snapshot = try EvidenceSnapshot(of: [journal[2]], in: Self.tree(journal))
    #expect(try !Self.check(snapshot, journal.filter { $0.stamp.sequence != 5 }).holds)
    let error = #expect(throws: LedgerError.self) { try Self.tree([journal[2], journal[1]]) }
    #expect(error?.code == .gap)
  }

  @Test
  func `a snapshot of nothing, of too much or of what isn't there yet cannot be taken`() throws {
    let journal = try Self.journal(300)
    let tree = try Self.tree(journal)
    #expect(throws: LedgerError.self) { try EvidenceSnapshot(of: [], in: tree) }
    #expect(throws: LedgerError.self) { try EvidenceSnapshot(of: journal, in: tree) }
    #expect(throws: LedgerError.self) {
      try EvidenceSnapshot(of: [journal[5]], in: Self.tree(Array(journal.prefix(5))))
    }
    #expect(try EvidenceSnapshot(of: journal.prefix(256), in: tree).events.count == 256)
  }
}
