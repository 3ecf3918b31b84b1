/// Reads a journal forwards, beside the thread that commits.
///
/// Sees everything up to the last durable sequence at the time of each call. Holds one unpacked chunk. One thread at
/// a time may use a reader; any number of readers may run beside each other.
public final class JournalReader: @unchecked Sendable {  // one thread at a time, by contract
  private let journal: FileJournal
  private let decoder = ChunkDecoder()
  private var segment: Segment?
  private var index: SegmentIndex?
  private var current: CommittedBatch?

  /// The sequence that `next` begins with.
  public private(set) var position: UInt64

  init(_ journal: FileJournal, from position: UInt64) {
    self.journal = journal
    self.position = position
  }

  /// Goes somewhere else.
  public func seek(to sequence: UInt64) { position = max(sequence, 1) }

  /// The next events, all of one commit, or `nil` when there is none yet.
  ///
  /// Returns at least one event when there is one, even when it is larger than `maxBytes`. Where a repair has written
  /// sequences off, goes on behind them.
  /// - Throws: `.removed` when retention has taken `position` away, `.damaged`, `.io`.
  public func next(maxEvents: Int = .max, maxBytes: Int = .max) throws(JournalError) -> CommittedBatch? {
    guard position <= journal.lastSequence else { return nil }
    if current.map({ position < $0.firstSequence || position > $0.lastSequence }) ?? true { try load() }
    guard let batch = current?.from(position), !batch.isEmpty else { return nil }
    var end = batch.startIndex
    var bytes = 0
    while end < batch.endIndex, end - batch.startIndex < max(maxEvents, 1) {
      bytes += batch[end].event.count
      if bytes > maxBytes, end > batch.startIndex { break }
      end += 1
    }
    let result = batch[batch.startIndex..<end]
    position = result.lastSequence + 1
    if position > batch.lastSequence { current = nil }
    return result
  }

  private func load() throws(JournalError) {
    current = nil
    if segment.map({ position < $0.first || position >= $0.next }) ?? true {
      segment = try journal.segment(holding: position)
      index = nil
    }
    guard let segment else { return }
    if position < segment.first { position = segment.first }
    let place = try segment.locate(index: &index, recent: journal.recentIndexes) { [position] in $0.holding(position) }
    guard let place else {
      throw JournalError(.damaged, file: segment.path, "sequence \(position) is not in the segment's index")
    }
    current = try journal.read(place, of: segment, with: decoder)
  }
}
