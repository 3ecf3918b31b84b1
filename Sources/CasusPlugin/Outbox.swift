import CasusWire
import DequeModule

/// What was published and not yet acknowledged, in order. A plain value: no clock, no socket.
///
/// An event is either queued or in flight (in a batch that was sent). A lone event leaves at once; while a batch is in
/// flight, what comes gathers into the next one, unless it fills a batch. What a lost session leaves unanswered is queued
/// again in its old place: the broker knows an event that it has by source and id, so a repeat is harmless.
struct Outbox {
  struct Entry {
    /// Place in the order of publishing.
    var order: UInt64
    var event: [UInt8]
    var replay: Bool
    var group: PublishGroup
    var index: Int

    var size: Int { PublishBatchWriter.size(of: event.count) }
  }

  struct Batch {
    var number: Int
    var entries: [Entry]
    var bytes: Int
    var replay: Bool { entries.first?.replay ?? false }
  }

  private(set) var queued: Deque<Entry> = []
  private(set) var inFlight: Deque<Batch> = []
  private(set) var queuedBytes = 0
  private(set) var inFlightBytes = 0
  private var nextOrder: UInt64 = 0
  private var nextNumber = 1
  /// The first of the batches that the broker could not take: it takes none behind it before that number comes again.
  private var heldNumber: Int?

  var isHeld: Bool { heldNumber != nil }
  var isEmpty: Bool { queued.isEmpty && inFlight.isEmpty }
  var count: Int { queued.count + inFlight.reduce(0) { $0 + $1.entries.count } }

  mutating func append(_ event: [UInt8], replay: Bool, group: PublishGroup, index: Int) {
    let entry = Entry(order: nextOrder, event: event, replay: replay, group: group, index: index)
    nextOrder += 1
    queued.append(entry)
    queuedBytes += entry.size
  }

  /// The next batch to send, now in flight; nil when there is nothing to send or it is better to wait.
  ///
  /// - Parameter all: send what there is even behind a batch in flight, as when the bus closes.
  mutating func nextBatch(_ limits: Limits, all: Bool = false) -> Batch? {
    guard let first = queued.first else { return nil }
    if let heldNumber {
      // What was sent behind it is refused as well; all of it goes again in the old order.
      guard inFlight.isEmpty else { return nil }
      nextNumber = heldNumber
      self.heldNumber = nil
    }
    let fills = queued.count >= limits.batchEvents || queuedBytes >= limits.batchBytes
    guard inFlight.isEmpty || fills || all else { return nil }
    var count = 0
    var bytes = 0
    for entry in queued {
      let isRoom = count == 0 || count < limits.batchEvents && bytes + entry.size <= limits.batchBytes
      guard isRoom, entry.replay == first.replay else { break }
      count += 1
      bytes += entry.size
    }
    guard inFlight.isEmpty || inFlightBytes + bytes <= limits.windowBytes else { return nil }
    let batch = Batch(number: nextNumber, entries: Array(queued.prefix(count)), bytes: bytes)
    queued.removeFirst(count)
    queuedBytes -= bytes
    inFlight.append(batch)
    inFlightBytes += bytes
    nextNumber = nextNumber == Int(Int32.max) ? 1 : nextNumber + 1
    return batch
  }

  /// Takes a batch out of flight; nil when it isn't.
  mutating func take(_ number: Int) -> Batch? {
    guard let place = inFlight.firstIndex(where: { $0.number == number }) else { return nil }
    let batch = inFlight.remove(at: place)
    inFlightBytes -= batch.bytes
    return batch
  }

  /// A batch was refused for now: it waits to be sent again, under the same number.
  mutating func hold(_ batch: Batch) {
    _ = take(batch.number)
    requeue(batch.entries)
    heldNumber = min(heldNumber ?? batch.number, batch.number)
  }

  /// Puts events back where they were in the order.
  mutating func requeue(_ entries: [Entry]) {
    guard let first = entries.first else { return }
    var place = 0
    while place < queued.count, queued[place].order < first.order { place += 1 }
    queued.insert(contentsOf: entries, at: place)
    queuedBytes += entries.reduce(0) { $0 + $1.size }
  }

  /// The session is gone: what was in flight waits to be sent again.
  mutating func requeueAll() {
    for batch in inFlight.reversed() { requeue(batch.entries) }
    inFlight = []
    inFlightBytes = 0
    heldNumber = nil
  }

  /// Takes everything out.
  mutating func drain() -> [Entry] {
    let entries = inFlight.flatMap(\.entries) + queued
    self = Outbox()
    return entries
  }
}
