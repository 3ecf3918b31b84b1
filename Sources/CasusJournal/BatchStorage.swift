import CasusEvents
import MCAP
import Synchronization

/// The memory of one batch: MCAP message records one after the other, and where each event stands among them.
///
/// Written by one thread, then frozen and only read, until the last `CommittedBatch` over it is gone and it goes
/// back to its pool. `@unchecked Sendable`: that hand-over is what keeps two threads from it.
final class BatchStorage: @unchecked Sendable {
  struct Entry {
    /// Of the event's own bytes; its record begins 31 bytes before.
    var offset: UInt32
    var length: UInt32
    var sender: SenderID
    var type: TypeID
    var flags: StampFlags
    var channel: UInt16
  }

  var records: RecordBuffer
  var entries = ContiguousArray<Entry>()
  var firstSequence: UInt64 = 0

  init(capacity: Int) { records = RecordBuffer(capacity: capacity) }

  func removeAll() {
    records.removeAll()
    entries.removeAll(keepingCapacity: true)
    firstSequence = 0
  }

  /// channel u16, sequence u32, log time u64, publish time u64 stand right before the event.
  func logTime(_ entry: Entry) -> UInt64 {
    records.bytes.loadUnaligned(fromByteOffset: Int(entry.offset) - 16, as: UInt64.self).littleEndian
  }

  func publishTime(_ entry: Entry) -> UInt64 {
    records.bytes.loadUnaligned(fromByteOffset: Int(entry.offset) - 8, as: UInt64.self).littleEndian
  }
}

/// Storages that wait to be used again. Thread-safe; keeps at most `limit` and none that grew beyond `maxBytes`.
final class BatchPool: Sendable {
  private let free = Mutex<[BatchStorage]>([])
  private let limit = 16
  private let maxBytes = 4 << 20

  func take() -> BatchStorage {
    free.withLock { $0.popLast() } ?? BatchStorage(capacity: 64 << 10)
  }

  func give(_ storage: BatchStorage) {
    guard storage.records.capacity <= maxBytes else { return }
    storage.removeAll()
    free.withLock { if $0.count < limit { $0.append(storage) } }
  }
}

/// A frozen storage; gives it back when nobody looks at it any more.
final class FrozenBatch: Sendable {
  let storage: BatchStorage
  let registry: ChannelRegistry
  private let pool: BatchPool

  init(_ storage: BatchStorage, registry: ChannelRegistry, pool: BatchPool) {
    self.storage = storage
    self.registry = registry
    self.pool = pool
  }

  deinit { pool.give(storage) }
}
