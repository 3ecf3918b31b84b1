internal import CasusCore
internal import CasusEvents
internal import CasusJournal

/// The stage of the real broker: events gather as MCAP records in one of two buffers that take turns.
struct JournalStage: EventStage {
  private let journal: FileJournal
  private var filling: CommitBatch
  private var spare: CommitBatch
  /// The journal's numbers of the broker's types and senders, by the broker's numbers.
  private var types: [TypeID] = []
  private var senders: [SenderID] = []
  private var schemas: [String: [UInt8]]
  /// Why an event could not be staged; the loop looks here before it commits.
  private(set) var failure: JournalError?

  init(_ journal: FileJournal, schemas: [String: [UInt8]]) {
    self.journal = journal
    self.schemas = schemas
    filling = journal.makeBatch()
    spare = journal.makeBatch()
  }

  var stagedCount: Int { filling.count }
  var stagedBytes: Int { filling.byteCount }

  var knownNames: Int { types.count + senders.count }

  mutating func learn(types typeNames: Names, senders senderNames: Names) {
    while types.count < typeNames.count {
      let name = typeNames[UInt16(types.count)]
      types.append(journal.type(EventType(name), schema: schemas[name] ?? Array("{}".utf8)))
    }
    while senders.count < senderNames.count {
      senders.append(journal.sender(senderNames[UInt16(senders.count)]))
    }
  }

  /// Another edition of a type's schema: events from now on name it in the journal.
  mutating func adopt(schema: [UInt8], for name: String, type: UInt16) {
    schemas[name] = schema
    if Int(type) < types.count { types[Int(type)] = journal.type(EventType(name), schema: schema) }
  }

  mutating func stage(_ stamp: RecordStamp, publishTime: Timestamp, event: UnsafeRawBufferPointer) {
    do throws(JournalError) {
      try filling.append(
        sequence: stamp.sequence, recorded: stamp.recorded, sender: senders[Int(stamp.sender)],
        type: types[Int(stamp.type)],
        flags: stamp.flags, published: publishTime, event: event)
    } catch {
      // The commit that follows must not acknowledge what is not in it: the loop looks here before it commits.
      failure = failure ?? error
    }
  }

  mutating func discard() {
    filling.removeAll()
    failure = nil
  }

  /// Takes the filled buffer away to be committed; the other one is filled from now on.
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
