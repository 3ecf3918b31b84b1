public import CasusEvents
import MCAP

/// Events on their way to disk: each is copied once, as the MCAP record that will stand in the file.
///
/// Made by `FileJournal.makeBatch`, filled by one thread, handed to the thread that commits, and usable again after
/// `commit`. Appending to a batch that was used before allocates nothing. Not thread-safe.
public final class CommitBatch: @unchecked Sendable {  // one thread at a time, by contract
  private let registry: ChannelRegistry
  private let pool: BatchPool
  private let maxBytes: Int
  private(set) var storage: BatchStorage
  private var channels: [UInt64: UInt16] = [:]
  private var lastKey = UInt64.max
  private var lastChannel: UInt16 = 0

  init(registry: ChannelRegistry, pool: BatchPool, maxBytes: Int) {
    self.registry = registry
    self.pool = pool
    self.maxBytes = maxBytes
    storage = pool.take()
  }

  public var count: Int { storage.count }
  public var isEmpty: Bool { storage.count == 0 }
  /// Bytes of the records so far: the events and 31 bytes for each.
  public var byteCount: Int { storage.bytes.count }
  /// Of the first event; 0 when the batch is empty.
  public var firstSequence: UInt64 { storage.firstSequence }

  /// Adds one accepted event.
  ///
  /// - Parameters:
  ///   - sequence: one more than the event's before it; the first of a batch follows the journal's last.
  ///   - published: the event's own `time`; `recorded` is written when it has none or it lies before 1970.
  /// - Throws: `.outOfOrder`, `.tooLarge`, `.tooManyChannels`; the batch is then as before.
  public func append(
    sequence: UInt64, recorded: Timestamp, sender: SenderID, type: TypeID, flags: StampFlags, published: Timestamp?,
    event: UnsafeRawBufferPointer
  ) throws(JournalError) {
    let storage = storage
    let count = UInt64(storage.count)
    guard sequence > 0, count == 0 || sequence == storage.firstSequence + count else {
      throw JournalError(
        .outOfOrder, "sequence \(sequence) cannot be number \(count + 1) of a batch from \(storage.firstSequence)")
    }
    guard event.count <= maxBytes, storage.bytes.count + event.count + recordSize <= maxBytes else {
      throw JournalError(.tooLarge, "the batch would grow beyond \(maxBytes) bytes")
    }
    let flags = flags.kept
    let channel = try channel(type: type, sender: sender, flags: flags)
    let log = UInt64(max(recorded.nanoseconds, 0))
    let publish = published.flatMap { $0.nanoseconds < 0 ? nil : UInt64($0.nanoseconds) } ?? log
    storage.contents.append(
      .init(sender: sender, type: type, flags: flags, channel: channel), sequence: sequence, logTime: log,
      publishTime: publish, event: event)
  }

  public func removeAll() { storage.removeAll() }

  /// Takes the filled storage away and puts a free one in its place.
  func takeStorage() -> BatchStorage {
    defer { storage = pool.take() }
    return storage
  }

  private func channel(type: TypeID, sender: SenderID, flags: StampFlags) throws(JournalError) -> UInt16 {
    // 24 bits each for type and sender are far more than the 65,535 channels that a file can have.
    let key = UInt64(type.rawValue) << 40 | UInt64(sender.rawValue) << 16 | UInt64(flags.rawValue)
    if key == lastKey { return lastChannel }
    let channel: UInt16
    if let known = channels[key] {
      channel = known
    } else {
      channel = try registry.channel(.init(type: type, sender: sender, flags: flags))
      channels[key] = channel
    }
    lastKey = key
    lastChannel = channel
    return channel
  }
}

/// Bytes of a message record around its event.
let recordSize = recordHeaderSize + messageFieldsSize
