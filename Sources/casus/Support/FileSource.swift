import CaseIndex
import CasusEvents
import CasusJournal
import SystemFiles

/// A journal's own files, beside a broker or without one. Who may read them reads everything.
struct FileSource: CaseSource {
  let journal: FileJournal
  let owner: IndexOwner
  var first: UInt64 { journal.firstSequence }
  var last: UInt64 { journal.lastSequence }

  init(_ folder: String) throws {
    var options = JournalOptions()
    options.access = .readOnly
    options.check = .summaries
    do { journal = try FileJournal.open(folder, options: options) } catch { throw Failure(error) }
    owner = IndexOwner(files: "\(journal.id)", at: Files.resolved(folder) ?? folder)
  }

  func read(from sequence: UInt64, _ body: (RecordedEvent) throws -> Void) throws {
    try read(max(sequence, first)...max(sequence, first, last), body)
  }

  func fetch(_ sequences: Set<UInt64>) throws -> [UInt64: RecordedEvent] {
    var found: [UInt64: RecordedEvent] = [:]
    for stretch in Self.stretches(sequences.filter { $0 >= first }) {
      try read(stretch) { event in
        if sequences.contains(event.stamp.sequence) { found[event.stamp.sequence] = event }
      }
    }
    return found
  }

  private func read(_ stretch: ClosedRange<UInt64>, _ body: (RecordedEvent) throws -> Void) throws {
    do {
      let reader = try journal.reader(from: stretch.lowerBound)
      while reader.position <= stretch.upperBound, let batch = try reader.next() {
        for place in batch.indices {
          let stamp = batch.stamp(at: place)
          guard stamp.sequence <= stretch.upperBound else { return }
          // What is no event the broker lets in nowhere; in a journal that is not sound it is passed over.
          guard let event = try? RecordedEvent(stamp: stamp, bytes: Array(batch.event(at: place))) else { continue }
          try body(event)
        }
      }
    } catch let error as JournalError {
      throw Failure(error)
    }
  }
}
