public import CasusEvents

/// Every event of a journal with its stamp, in order: what projections over the whole journal are built from, the
/// Merkle tree among them.
///
/// Opens the folder for reading, also beside the broker that writes it, and sees what was durable then. Memory: one
/// unpacked commit. One thread at a time.
public final class JournalExport {
  private let journal: FileJournal
  private var senders: [SenderID: String] = [:]
  private var types: [TypeID: EventType] = [:]

  /// - Parameter check: how much of the closed segments is read first; each commit's CRC is checked in any case.
  public init(_ path: String, check: JournalOptions.Check = .summaries) throws(JournalError) {
    var options = JournalOptions()
    options.access = .readOnly
    options.check = check
    journal = try FileJournal.open(path, options: options)
  }

  /// Exports a journal that is open, up to its last durable event at the time of the call.
  public init(_ journal: FileJournal) { self.journal = journal }

  public var firstSequence: UInt64 { journal.firstSequence }
  public var lastSequence: UInt64 { journal.lastSequence }

  /// Calls `body` for each event of `sequences` that is kept. The bytes are valid during the call.
  public func forEach(
    _ sequences: ClosedRange<UInt64> = 0...UInt64.max,
    _ body: (_ stamp: Stamp, _ type: EventType, _ event: UnsafeRawBufferPointer) throws(JournalError) -> Void
  ) throws(JournalError) {
    let last = min(sequences.upperBound, journal.lastSequence)
    let reader = try journal.reader(from: max(sequences.lowerBound, journal.firstSequence))
    while reader.position <= last, let batch = try reader.next() {
      for record in batch where record.sequence <= last {
        let stamp = Stamp(
          sequence: record.sequence, recorded: record.recorded, sender: name(of: record.sender), flags: record.flags)
        try body(stamp, type(of: record.type), record.event)
      }
    }
  }

  private func name(of id: SenderID) -> String {
    if let known = senders[id] { return known }
    let name = journal.name(of: id)
    senders[id] = name
    return name
  }

  private func type(of id: TypeID) -> EventType {
    if let known = types[id] { return known }
    let type = journal.name(of: id)
    types[id] = type
    return type
  }
}
