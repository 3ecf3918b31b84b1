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
  /// The journal's numbers of the broker's types, in the editions in force, and of its senders, by the broker's numbers.
  private var types: [TypeID?] = []
  private var senders: [SenderID] = []

  init(_ journal: FileJournal) {
    self.journal = journal
    filling = journal.makeBatch()
    spare = journal.makeBatch()
  }

  var stagedCount: Int { filling.count }
  var stagedBytes: Int { filling.byteCount }

  mutating func adopt(_ edition: SchemaEdition, for type: UInt16) {
    while types.count <= Int(type) { types.append(nil) }
    types[Int(type)] = journal.type(EventType(edition.type), schema: edition.bytes)
  }

  mutating func stage(
    _ stamp: RecordStamp, publishTime: Timestamp, event: UnsafeRawBufferPointer, senders names: borrowing Names
  ) throws(WireError) {
    while senders.count <= Int(stamp.sender) { senders.append(journal.sender(names[UInt16(senders.count)])) }
    guard Int(stamp.type) < types.count, let type = types[Int(stamp.type)] else {
      throw WireError(.notStaged, "the journal has no schema for the type's number \(stamp.type)")
    }
    do throws(JournalError) {
      try filling.append(
        sequence: stamp.sequence, recorded: stamp.recorded, sender: senders[Int(stamp.sender)], type: type,
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

/// Committed events as the core sees them, with the broker's numbers for the journal's names.
struct JournalRun: EventRun {
  let batch: CommittedBatch
  /// Worked out once, since each subscription looks at every one.
  let stamps: [RecordStamp]
  let byteCount: Int
  let kinds: RunKinds

  var firstSequence: UInt64 { batch.firstSequence }
  var count: Int { stamps.count }

  func stamp(at index: Int) -> RecordStamp { stamps[index] }

  func size(at index: Int) -> Int { batch.size(at: batch.startIndex + index) }
}
