import CasusEvents
import Synchronization

/// Where one commit stands in its segment.
struct ChunkPlace: Hashable, Sendable {
  /// Of the chunk record in the file.
  var offset: UInt64
  /// Of the chunk record, with its nine bytes of opcode and length.
  var length: UInt64
  var first: UInt64
  var count: UInt32
  var startTime: UInt64
  var endTime: UInt64
}

/// The places of a segment's commits, 48 bytes each; shared by those who read the segment.
final class SegmentIndex: Sendable {
  let chunks: ContiguousArray<ChunkPlace>

  init(_ chunks: ContiguousArray<ChunkPlace>) { self.chunks = chunks }
}

/// Holds the indexes that were loaded last: whoever reads on with a new reader for each commit finds them there.
final class RecentIndexes: Sendable {
  private let indexes = Mutex<[SegmentIndex]>([])
  private let limit = 4

  func keep(_ index: SegmentIndex) {
    indexes.withLock { indexes in
      indexes.append(index)
      if indexes.count > limit { indexes.removeFirst() }
    }
  }
}

/// One file of the journal as readers see it: nothing behind its last durable commit. Thread-safe.
final class Segment: Sendable {
  let file: PosixFile
  let first: UInt64

  struct State {
    /// One more than the last durable sequence.
    var next: UInt64
    /// Bytes that are durable and whole.
    var end: UInt64
    var startTime: UInt64
    var endTime: UInt64
    /// What the file's channel numbers mean.
    var channels: [UInt16: ChannelKey]
    /// Of an open segment; a closed one has them in its summary, loaded when somebody reads.
    var chunks: ContiguousArray<ChunkPlace>?
  }

  private let state: Mutex<State>
  private let loaded = Mutex<WeakIndex>(WeakIndex())

  private struct WeakIndex { weak var index: SegmentIndex? }

  init(file: PosixFile, first: UInt64, state: State) {
    self.file = file
    self.first = first
    self.state = Mutex(state)
  }

  var path: String { file.path }
  var snapshot: (next: UInt64, end: UInt64, startTime: UInt64, endTime: UInt64, isOpen: Bool) {
    state.withLock { ($0.next, $0.end, $0.startTime, $0.endTime, $0.chunks != nil) }
  }
  var next: UInt64 { state.withLock { $0.next } }
  var channels: [UInt16: ChannelKey] { state.withLock { $0.channels } }

  /// A commit is durable.
  ///
  /// - Parameter channels: all of the segment's when it brought new ones.
  func published(_ chunk: ChunkPlace, end: UInt64, channels: [UInt16: ChannelKey]?) {
    state.withLock { state in
      if let channels { state.channels = channels }
      state.chunks?.append(chunk)
      state.startTime = state.next == first ? chunk.startTime : min(state.startTime, chunk.startTime)
      state.endTime = max(state.endTime, chunk.endTime)
      state.next = chunk.first + UInt64(chunk.count)
      state.end = end
    }
  }

  /// The summary is durable: the places can be read from the file again.
  func closed(end: UInt64) {
    state.withLock { state in
      state.chunks = nil
      state.end = end
    }
  }

  /// The index of a closed segment, read from its summary unless somebody holds it already.
  private func loadIndex(_ recent: RecentIndexes) throws(JournalError) -> SegmentIndex {
    if let index = loaded.withLock({ $0.index }) { return index }
    guard let closed = try ClosedSegment.load(file) else {
      throw JournalError(.damaged, file: path, "the segment lost its end since it was opened")
    }
    let index = SegmentIndex(closed.chunks)
    loaded.withLock { $0.index = index }
    recent.keep(index)
    return index
  }

  /// The commit that `find` picks; loads a closed segment's index into `index` when it isn't there.
  func locate(
    index: inout SegmentIndex?, recent: RecentIndexes, _ find: (ContiguousArray<ChunkPlace>) -> ChunkPlace?
  ) throws(JournalError) -> ChunkPlace? {
    if let found = findOpen(find) { return found.place }
    if index == nil {
      do throws(JournalError) { index = try loadIndex(recent) } catch {
        // The committing thread may have cut the summary off meanwhile, to go on in this segment.
        if let found = findOpen(find) { return found.place }
        throw error
      }
    }
    return index.flatMap { find($0.chunks) }
  }

  /// `nil` when the segment is closed.
  private func findOpen(_ find: (ContiguousArray<ChunkPlace>) -> ChunkPlace?) -> Found? {
    state.withLock { state in state.chunks.map { Found(place: find($0)) } }
  }

  private struct Found { var place: ChunkPlace? }

  /// Goes on after the summary was cut off.
  func reopened(end: UInt64, chunks: ContiguousArray<ChunkPlace>) {
    state.withLock { state in
      state.chunks = chunks
      state.end = end
    }
  }
}

extension ContiguousArray<ChunkPlace> {
  /// The commit that holds `sequence`, by bisection.
  func holding(_ sequence: UInt64) -> ChunkPlace? {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].first <= sequence { low = middle + 1 } else { high = middle }
    }
    guard low > 0, sequence < self[low - 1].first + UInt64(self[low - 1].count) else { return nil }
    return self[low - 1]
  }
}
