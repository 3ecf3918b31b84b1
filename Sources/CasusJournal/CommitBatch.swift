public import CasusEvents
import MCAP

/// Events on their way to disk: each is copied once, as the MCAP record that will stand in the file.
///
/// Made by `FileJournal.makeBatch`, filled by one thread, handed to the thread that commits, and usable again after
/// `commit`. Appending to a batch that was used before allocates nothing. Not thread-safe.
public final class CommitBatch: @unchecked Sendable {  // one thread at a time, by contract
  private let names: JournalNames
  private let pool: BatchPool
  private let maxBytes: Int
  private let maxChannels: Int
  private(set) var storage: BatchStorage
  /// Places in the storage's keys.
  private var places: [UInt64: UInt16] = [:]
  private var lastKey = UInt64.max
  private var lastPlace: UInt16 = 0
  /// What the batch's editions of schemas may take beside the events in the worst case: a new segment.
  private var schemaBytes = 0
  private var editions: Set<EditionID> = []

  init(names: JournalNames, pool: BatchPool, maxBytes: Int, maxChannels: Int = Int(UInt16.max)) {
    self.names = names
    self.pool = pool
    self.maxBytes = maxBytes
    self.maxChannels = maxChannels
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
  /// - Throws: `.outOfOrder`, `.tooLarge`, `.tooManyChannels`: for this event alone, the batch is as before and takes
  ///   others. An empty batch takes every event within the limits.
  public func append(
    sequence: UInt64, recorded: Timestamp, sender: UInt16, edition: EditionID, flags: StampFlags,
    published: Timestamp?, event: UnsafeRawBufferPointer
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
    let key = try place(edition: edition, sender: sender, flags: flags.kept)
    let log = UInt64(max(recorded.nanoseconds, 0))
    let publish = published.flatMap { $0.nanoseconds < 0 ? nil : UInt64($0.nanoseconds) } ?? log
    storage.contents.append(key: key, sequence: sequence, logTime: log, publishTime: publish, event: event)
  }

  public func removeAll() {
    storage.removeAll()
    forgetKeys()
  }

  /// Takes the filled storage away and puts a free one in its place.
  func takeStorage() -> BatchStorage {
    defer {
      storage = pool.take()
      forgetKeys()
    }
    return storage
  }

  private func forgetKeys() {
    // Clearing costs what it has room for: a batch of very many does not make all others slow.
    places.removeAll(keepingCapacity: places.capacity <= 4096)
    editions.removeAll(keepingCapacity: editions.capacity <= 4096)
    lastKey = .max
    schemaBytes = 0
  }

  private func place(
    edition: EditionID, sender: UInt16, flags: StampFlags
  ) throws(JournalError) -> UInt16 {
    let key = UInt64(edition.rawValue) << 32 | UInt64(sender) << 16 | UInt64(flags.rawValue)
    if key == lastKey { return lastPlace }
    // Written out: an autoclosure would lose the error's type.
    if let known = places[key] { lastPlace = known } else { lastPlace = try addKey(key, edition, sender, flags) }
    lastKey = key
    return lastPlace
  }

  private func addKey(
    _ key: UInt64, _ edition: EditionID, _ sender: UInt16, _ flags: StampFlags
  ) throws(JournalError) -> UInt16 {
    guard storage.keys.count < maxChannels else {
      throw JournalError(.tooManyChannels, "a batch holds \(maxChannels) different (schema, sender, flags)")
    }
    let known = names.edition(edition)
    if !editions.contains(edition) {
      guard editions.isEmpty || schemaBytes + known.schema.count <= SegmentChannels.maxSchemaBytes else {
        throw JournalError(.tooLarge, "the batch's schemas would grow beyond \(SegmentChannels.maxSchemaBytes) bytes")
      }
      editions.insert(edition)
      schemaBytes += known.schema.count
    }
    let place = UInt16(storage.keys.count)
    storage.contents.keys.append(ChannelKey(edition: edition, type: known.type, sender: sender, flags: flags))
    places[key] = place
    return place
  }
}

/// Bytes of a message record around its event.
let recordSize = recordHeaderSize + messageFieldsSize
