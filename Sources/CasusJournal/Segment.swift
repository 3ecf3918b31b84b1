import CasusEvents
import Synchronization

/// Where one commit stands in its segment.
struct ChunkPlace: Sendable {
  /// Of the chunk record in the file.
  var offset: UInt64
  /// Of the chunk record, with its nine bytes of opcode and length.
  var length: UInt64
  var first: UInt64
  var count: UInt32
  var startTime: UInt64
  var endTime: UInt64
}

/// The places of a segment's commits and what its channel numbers mean. About 48 bytes a commit.
final class SegmentIndex: Sendable {
  let chunks: ContiguousArray<ChunkPlace>
  let channels: [UInt16: ChannelRegistry.ChannelEntry]

  init(chunks: ContiguousArray<ChunkPlace>, channels: [UInt16: ChannelRegistry.ChannelEntry]) {
    self.chunks = chunks
    self.channels = channels
  }
}

/// One file of the journal as readers see it: nothing behind its last durable commit. Thread-safe.
final class Segment: Sendable {
  let file: PosixFile
  let first: UInt64
  /// What the file's channel numbers mean; `nil` where they are the registry's own (written by this process).
  let channels: [UInt16: ChannelRegistry.ChannelEntry]?

  struct State {
    /// One more than the last durable sequence.
    var next: UInt64
    /// Bytes that are durable and whole.
    var end: UInt64
    var startTime: UInt64
    var endTime: UInt64
    /// Of an open segment; a closed one has them in its summary, loaded when somebody reads.
    var chunks: ContiguousArray<ChunkPlace>?
  }

  private let state: Mutex<State>
  private let loaded = Mutex<WeakIndex>(WeakIndex())

  private struct WeakIndex { weak var index: SegmentIndex? }

  init(file: PosixFile, first: UInt64, state: State, channels: [UInt16: ChannelRegistry.ChannelEntry]?) {
    self.file = file
    self.first = first
    self.state = Mutex(state)
    self.channels = channels
  }

  var path: String { file.path }
  var snapshot: (next: UInt64, end: UInt64, startTime: UInt64, endTime: UInt64, isOpen: Bool) {
    state.withLock { ($0.next, $0.end, $0.startTime, $0.endTime, $0.chunks != nil) }
  }
  var next: UInt64 { state.withLock { $0.next } }

  /// A commit is durable.
  func published(_ chunk: ChunkPlace, end: UInt64) {
    state.withLock { state in
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

  func withOpenChunks<R: Sendable>(_ body: (ContiguousArray<ChunkPlace>) -> R?) -> R? {
    state.withLock { $0.chunks.flatMap(body) }
  }

  func loadIndex(registry: ChannelRegistry) throws(JournalError) -> SegmentIndex? { nil }

  /// Goes on after the summary was cut off.
  func reopened(end: UInt64, chunks: ContiguousArray<ChunkPlace>) {
    state.withLock { state in
      state.chunks = chunks
      state.end = end
    }
  }
}

extension Segment {
  /// The commit that holds `sequence`; loads a closed segment's index into `index` when it isn't there.
  func locate(
    _ sequence: UInt64, index: inout SegmentIndex?, registry: ChannelRegistry
  ) throws(JournalError) -> ChunkPlace? {
    if let place = withOpenChunks({ Self.find(sequence, in: $0) }) { return place }
    if index == nil { index = try loadIndex(registry: registry) }
    return index.flatMap { Self.find(sequence, in: $0.chunks) }
  }

  private static func find(_ sequence: UInt64, in chunks: ContiguousArray<ChunkPlace>) -> ChunkPlace? {
    var low = 0
    var high = chunks.count
    while low < high {
      let middle = (low + high) / 2
      if chunks[middle].first <= sequence { low = middle + 1 } else { high = middle }
    }
    guard low > 0, sequence < chunks[low - 1].first + UInt64(chunks[low - 1].count) else { return nil }
    return chunks[low - 1]
  }
}
