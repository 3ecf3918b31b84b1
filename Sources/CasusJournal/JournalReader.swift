/// Reads a journal forwards, beside the thread that commits.
///
/// Sees everything up to the last durable sequence at the time of each call. One thread at a time may use a reader; any
/// number of readers may run beside each other.
public final class JournalReader: @unchecked Sendable {  // one thread at a time, by contract
  private let journal: FileJournal
  private let decoder = ChunkDecoder()
  private var segment: Segment?
  private var index: SegmentIndex?

  /// The sequence that `next` begins with.
  public private(set) var position: UInt64

  init(_ journal: FileJournal, from position: UInt64) {
    self.journal = journal
    self.position = position
  }

  /// The next events, all of one commit, or `nil` when there is none yet. Where a repair has written sequences off, goes on
  /// behind them.
  ///
  /// - Throws: `.removed` when retention has taken `position` away, `.damaged`, `.io`.
  public func next() throws(JournalError) -> CommittedBatch? {
    guard position <= journal.lastSequence else { return nil }
    if segment.map({ position < $0.first || position >= $0.next }) ?? true {
      segment = try journal.segment(holding: position)
      index = nil
    }
    guard let segment else { return nil }
    position = max(position, segment.first)
    let place = try segment.locate(index: &index, recent: journal.recentIndexes) { [position] in $0.holding(position) }
    guard let place else {
      throw JournalError(.damaged, file: segment.path, "sequence \(position) is not in the segment's index")
    }
    let batch = try journal.read(place, of: segment, with: decoder).from(position)
    position = batch.lastSequence + 1
    return batch
  }
}
