public import CasusEvents

/// Every event of a journal with its stamp, in order: what projections over the whole journal are built from, the
/// Merkle tree among them.
///
/// Opens the folder for reading, also beside the broker that writes it, and sees what was durable then. Memory: one
/// unpacked commit. One thread at a time.
public final class JournalExport {
  private let journal: FileJournal
  private let last: UInt64
  private let senders: [String]
  private let types: [EventType]

  /// - Parameter check: how much of the closed segments is read first; each commit's CRC is checked in any case.
  public convenience init(_ path: String, check: JournalOptions.Check = .summaries) throws(JournalError) {
    var options = JournalOptions()
    options.access = .readOnly
    options.check = check
    self.init(try FileJournal.open(path, options: options))
  }

  /// Exports a journal that is open, up to its last durable event at the time of the call.
  public init(_ journal: FileJournal) {
    self.journal = journal
    last = journal.lastSequence
    senders = journal.senderNames
    types = journal.typeNames
  }

  public var firstSequence: UInt64 { journal.firstSequence }
  /// At the time of the call that made this.
  public var lastSequence: UInt64 { last }

  /// Calls `body` for each event of `sequences` that is kept. The bytes are valid during the call.
  public func forEach(
    _ sequences: ClosedRange<UInt64> = 0...UInt64.max,
    _ body: (_ stamp: Stamp, _ type: EventType, _ event: UnsafeRawBufferPointer) throws(JournalError) -> Void
  ) throws(JournalError) {
    let last = min(sequences.upperBound, last)
    let reader = try journal.reader(from: max(sequences.lowerBound, journal.firstSequence))
    while reader.position <= last, let batch = try reader.next() {
      for record in batch where record.sequence <= last {
        let stamp = Stamp(
          sequence: record.sequence, recorded: record.recorded, sender: senders[Int(record.sender)], flags: record.flags
        )
        try body(stamp, types[Int(record.type)], record.event)
      }
    }
  }
}
