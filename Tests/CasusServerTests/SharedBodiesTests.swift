import CasusEvents
import Testing
import ZeroMQ

@testable import CasusCore
@testable import CasusJournal
@testable import CasusServer

@Suite("The batch frames that readers share") struct SharedBodiesTests {
  /// A delivery of one event; nothing but its sequence is looked at.
  private func delivery(_ sequence: UInt64, redelivered: Bool = false) -> Delivery<JournalRun> {
    let pool = BatchPool()
    let storage = BatchStorage(capacity: 64)
    storage.contents.firstSequence = sequence
    let batch = CommittedBatch(FrozenBatch(storage, names: JournalNames(), pool: pool), range: 0..<0)
    var selected = Selection()
    selected.append(0)
    return Delivery(
      subscription: 1, run: JournalRun(batch), selected: selected, redelivered: redelivered, through: sequence)
  }

  private func add(_ sequence: UInt64, size: Int, to bodies: inout SharedBodies) throws {
    let body = try bodies.share(try Message(size: size), of: delivery(sequence))
    let sent = body.count
    #expect(sent == size)
  }

  /// Which of the sequences are here.
  private func kept(_ sequences: Range<UInt64>, in bodies: inout SharedBodies) throws -> [UInt64] {
    var kept: [UInt64] = []
    for sequence in sequences {
      if let body = try bodies.body(of: delivery(sequence)) {
        let size = body.count
        #expect(size > 0)
        kept.append(sequence)
      }
    }
    return kept
  }

  @Test
  func `are the last few, whatever their size`() throws {
    var bodies = SharedBodies()
    for sequence in UInt64(1)...100 { try add(sequence, size: 100, to: &bodies) }
    #expect(try kept(1..<101, in: &bodies) == Array(69...100))
  }

  @Test
  func `take no more than eight mebibytes, and a larger one is nobody's`() throws {
    var bodies = SharedBodies()
    for sequence in UInt64(1)...20 { try add(sequence, size: 1 << 20, to: &bodies) }
    #expect(try kept(1..<21, in: &bodies) == Array(13...20))
    try add(21, size: 8 << 20, to: &bodies)
    #expect(try kept(1..<22, in: &bodies) == [21])
    try add(22, size: 8 << 20 | 1, to: &bodies)
    #expect(try kept(1..<23, in: &bodies) == [21])
  }

  @Test
  func `are let go when nobody asked for one since the last look`() throws {
    var bodies = SharedBodies()
    try add(1, size: 100, to: &bodies)
    #expect(try kept(1..<2, in: &bodies) == [1])
    bodies.clean()
    #expect(try kept(1..<2, in: &bodies) == [1])
    bodies.clean()
    bodies.clean()
    #expect(try kept(1..<2, in: &bodies) == [])
  }

  @Test
  func `of an event that is sent again are others`() throws {
    var bodies = SharedBodies()
    try add(1, size: 100, to: &bodies)
    let again = try bodies.body(of: delivery(1, redelivered: true)) == nil
    #expect(again)
  }
}
