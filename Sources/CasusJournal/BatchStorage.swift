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
    /// Where `keys` says what its channel stands for.
    var key: UInt16
  }

  /// In one piece, so that filling it is one access to this object and not one for each field.
  struct Contents: ~Copyable {
    var records: RecordBuffer
    var entries = ContiguousArray<Entry>()
    /// Each once.
    var keys = ContiguousArray<ChannelKey>()
    var firstSequence: UInt64 = 0

    /// Writes the record, without the number of its channel: `place` gives it that when the segment is known.
    mutating func append(
      key: UInt16, sequence: UInt64, logTime: UInt64, publishTime: UInt64, event: UnsafeRawBufferPointer
    ) {
      if entries.isEmpty { firstSequence = sequence }
      entries.append(
        Entry(offset: UInt32(records.count + recordSize), length: UInt32(event.count), key: key))
      records.appendMessage(
        channelID: 0, sequence: UInt32(truncatingIfNeeded: sequence), logTime: logTime, publishTime: publishTime,
        data: event)
    }

    /// Writes the channels' numbers into the records.
    ///
    /// - Parameter ids: in the order of `keys`.
    mutating func place(_ ids: [UInt16]) {
      for entry in entries { records.overwrite(ids[Int(entry.key)], at: Int(entry.offset) - messageFieldsSize) }
    }
  }

  var contents: Contents

  init(capacity: Int) { contents = Contents(records: RecordBuffer(capacity: capacity)) }

  var bytes: UnsafeRawBufferPointer { contents.records.bytes }
  var entries: ContiguousArray<Entry> { contents.entries }
  var keys: ContiguousArray<ChannelKey> { contents.keys }
  var firstSequence: UInt64 { contents.firstSequence }
  var count: Int { contents.entries.count }

  func removeAll() {
    contents.records.removeAll()
    contents.entries.removeAll(keepingCapacity: true)
    contents.keys.removeAll(keepingCapacity: true)
    contents.firstSequence = 0
  }

  /// Bytes that it takes, used or not.
  var memory: Int {
    contents.records.capacity + contents.entries.capacity * MemoryLayout<Entry>.stride
      + contents.keys.capacity * MemoryLayout<ChannelKey>.stride + MemoryLayout<Contents>.size
  }

  /// Itself, or a copy that is no larger than what it holds when that is little: a frozen batch may be held for long, and
  /// one event must not hold the buffer of a thousand.
  func fitted(_ pool: BatchPool) -> BatchStorage {
    guard contents.records.count * 4 < contents.records.capacity else { return self }
    let fitted = BatchStorage(capacity: contents.records.count)
    fitted.contents.records.append(bytes)
    fitted.contents.entries.reserveCapacity(count)
    fitted.contents.entries.append(contentsOf: contents.entries)
    fitted.contents.keys = contents.keys
    fitted.contents.firstSequence = firstSequence
    pool.give(self)
    return fitted
  }

  func event(_ entry: Entry) -> UnsafeRawBufferPointer {
    let start = Int(entry.offset)
    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(entry.length)])
  }

  func logTime(_ entry: Entry) -> UInt64 { Self.logTime(entry, in: bytes) }

  func publishTime(_ entry: Entry) -> UInt64 {
    bytes.loadUnaligned(fromByteOffset: Int(entry.offset) - 8, as: UInt64.self).littleEndian
  }

  /// channel u16, sequence u32, log time u64, publish time u64 stand right before the event.
  static func channel(_ entry: Entry, in bytes: UnsafeRawBufferPointer) -> UInt16 {
    bytes.loadUnaligned(fromByteOffset: Int(entry.offset) - messageFieldsSize, as: UInt16.self).littleEndian
  }

  static func logTime(_ entry: Entry, in bytes: UnsafeRawBufferPointer) -> UInt64 {
    bytes.loadUnaligned(fromByteOffset: Int(entry.offset) - 16, as: UInt64.self).littleEndian
  }
}

/// Storages that wait to be used again. Thread-safe; keeps at most `limit` of `maxBytes` in all, and none that was fitted to
/// little.
final class BatchPool: Sendable {
  private let free = Mutex<(storages: [BatchStorage], bytes: Int)>(([], 0))
  private let limit = 16
  private let minBytes = 64 << 10
  private let maxBytes = 4 << 20

  func take() -> BatchStorage {
    let storage = free.withLock { free in
      let storage = free.storages.popLast()
      free.bytes -= storage?.contents.records.capacity ?? 0
      return storage
    }
    return storage ?? BatchStorage(capacity: minBytes)
  }

  func give(_ storage: BatchStorage) {
    let bytes = storage.contents.records.capacity
    guard bytes >= minBytes else { return }
    storage.removeAll()
    free.withLock { free in
      guard free.storages.count < limit, free.bytes + bytes <= maxBytes else { return }
      free.storages.append(storage)
      free.bytes += bytes
    }
  }
}

/// A frozen storage; gives it back when nobody looks at it any more.
final class FrozenBatch: Sendable {
  let storage: BatchStorage
  let names: JournalNames
  private let pool: BatchPool

  init(_ storage: BatchStorage, names: JournalNames, pool: BatchPool) {
    self.storage = storage
    self.names = names
    self.pool = pool
  }

  deinit { pool.give(storage) }
}
