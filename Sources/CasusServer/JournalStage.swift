internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import CasusWire

/// The stage of the real broker: events gather as MCAP records in one of two buffers that take turns.
struct JournalStage: EventStage {
  typealias Run = JournalRun
  typealias Edition = SchemaEdition

  private let journal: FileJournal
  private var filling: CommitBatch
  private var spare: CommitBatch
  /// The edition of each type's schema that is in force, by the type's number: the broker's and the journal's.
  private var editions: [EditionID?] = []
  /// Senders that the journal has been told of.
  private var senderCount = 0

  init(_ journal: FileJournal) {
    self.journal = journal
    filling = journal.makeBatch()
    spare = journal.makeBatch()
  }

  var stagedCount: Int { filling.count }
  var stagedBytes: Int { filling.byteCount }

  mutating func adopt(_ edition: SchemaEdition, for type: UInt16) {
    // One number space: whoever numbers types differently would deliver one for another.
    let number = try? journal.type(EventType(edition.type))
    precondition(number == type, "the broker and the journal number types differently")
    while editions.count <= Int(type) { editions.append(nil) }
    editions[Int(type)] = journal.edition(of: type, schema: edition.bytes)
  }

  mutating func stage(
    _ stamp: RecordStamp, publishTime: Timestamp, event: UnsafeRawBufferPointer, senders names: borrowing Names
  ) throws(WireError) {
    guard Int(stamp.type) < editions.count, let edition = editions[Int(stamp.type)] else {
      throw WireError(.notStaged, "the journal has no schema for the type's number \(stamp.type)")
    }
    do throws(JournalError) {
      while senderCount <= Int(stamp.sender) {
        let number = try journal.sender(names[UInt16(senderCount)])
        precondition(Int(number) == senderCount, "the broker and the journal number senders differently")
        senderCount += 1
      }
      try filling.append(
        sequence: stamp.sequence, recorded: stamp.recorded, sender: stamp.sender, edition: edition,
        flags: stamp.flags, published: publishTime, event: event)
    } catch {
      throw WireError(.notStaged, "the event cannot be staged: \(error.message)")
    }
  }

  mutating func discard() { filling.removeAll() }

  /// Takes the filled buffer away; the other one, whose commit is over, is filled from now on.
  mutating func take() -> CommitBatch {
    swap(&filling, &spare)
    return spare
  }
}
