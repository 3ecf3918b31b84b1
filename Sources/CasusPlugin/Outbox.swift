import CasusWire
import DequeModule

/// What was published and not yet acknowledged, in order. A plain value: no clock, no socket.
///
/// An event is either queued or in flight (in a batch that was sent). A lone event leaves at once; while a batch is in
/// flight, what comes gathers into the next one, unless it fills a batch. What a lost session leaves unanswered is queued
/// again in its old place: the broker knows an event that it has by source and id, so a repeat is harmless.
struct Outbox {
  /// Events of one call in a row.
  struct Span {
    /// Place of the first in the order of publishing.
    var order: UInt64
    var events: EncodedEvents
    /// Which of these.
    var places: Range<Int>
    var replay: Bool
    var group: PublishGroup
    /// The first one's place in its group.
    var index: Int

    var descends: Bool { events.descends }
    var count: Int { places.count }
    var size: Int { events.size(places) }
    /// Their places in the group.
    var indices: Range<Int> { index..<index + count }

    /// Takes the first ones away.
    mutating func split(_ count: Int) -> Span {
      var head = self
      head.places = places.lowerBound..<places.lowerBound + count
      places = head.places.upperBound..<places.upperBound
      order += UInt64(count)
      index += count
      return head
    }
  }

  struct Batch {
    var number: Int
    var spans: [Span]
    var count: Int
    var bytes: Int
    var windowCost: Int { Publish.windowCost(bytes) }
    var replay: Bool { spans.first?.replay ?? false }
    var descends: Bool { spans.first?.descends ?? false }
  }

  private(set) var queued: Deque<Span> = []
  private(set) var inFlight: Deque<Batch> = []
  private(set) var queuedEvents = 0
  private(set) var queuedBytes = 0
  /// What is in flight takes so much of the broker's window.
  private(set) var windowUsed = 0
  private var nextOrder: UInt64 = 0
  private var nextNumber = 1
  /// The first of the batches that the broker could not take: it takes none behind it before that number comes again.
  private var heldNumber: Int?

  var isHeld: Bool { heldNumber != nil }
  var isEmpty: Bool { queued.isEmpty && inFlight.isEmpty }
  var count: Int { queuedEvents + inFlight.reduce(0) { $0 + $1.count } }

  /// - Parameter index: the first one's place in its group.
  mutating func append(_ events: EncodedEvents, replay: Bool, group: PublishGroup, index: Int) {
    guard events.count > 0 else { return }
    queued.append(
      Span(order: nextOrder, events: events, places: 0..<events.count, replay: replay, group: group, index: index))
    nextOrder += UInt64(events.count)
    queuedEvents += events.count
    queuedBytes += events.size
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
    let fills = queuedEvents >= limits.batchEvents || queuedBytes >= limits.batchBytes
    guard inFlight.isEmpty || fills || all else { return nil }
    var batch = Batch(number: nextNumber, spans: [], count: 0, bytes: 0)
    // Parts that do not fill a batch wait in `queued` as they were.
    var wholes = 0
    var part = 0
    for span in queued {
      guard span.replay == first.replay, span.descends == first.descends else { break }
      let fitting = span.events.fitting(from: span.places.lowerBound, bytes: limits.batchBytes - batch.bytes)
      var taken = min(fitting, span.count, limits.batchEvents - batch.count)
      // One alone goes, however large.
      if taken == 0, batch.count == 0 { taken = 1 }
      guard taken > 0 else { break }
      batch.count += taken
      batch.bytes += span.events.size(span.places.lowerBound..<span.places.lowerBound + taken)
      guard taken == span.count else {
        part = taken
        break
      }
      wholes += 1
    }
    guard inFlight.isEmpty || windowUsed + batch.windowCost <= limits.windowBytes else { return nil }
    batch.spans = Array(queued.prefix(wholes))
    queued.removeFirst(wholes)
    if part > 0 { batch.spans.append(queued[0].split(part)) }
    queuedEvents -= batch.count
    queuedBytes -= batch.bytes
    inFlight.append(batch)
    windowUsed += batch.windowCost
    nextNumber = nextNumber == Int(Int32.max) ? 1 : nextNumber + 1
    return batch
  }

  /// Takes a batch out of flight; nil when it isn't.
  mutating func take(_ number: Int) -> Batch? {
    guard let place = inFlight.firstIndex(where: { $0.number == number }) else { return nil }
    let batch = inFlight.remove(at: place)
    windowUsed -= batch.windowCost
    return batch
  }

  /// A batch was refused for now: it waits to be sent again, under the same number.
  mutating func hold(_ batch: Batch) {
    _ = take(batch.number)
    requeue(batch.spans)
    heldNumber = min(heldNumber ?? batch.number, batch.number)
  }

  /// Puts events back where they were in the order.
  mutating func requeue(_ spans: [Span]) {
    guard let first = spans.first else { return }
    var place = 0
    while place < queued.count, queued[place].order < first.order { place += 1 }
    queued.insert(contentsOf: spans, at: place)
    for span in spans {
      queuedEvents += span.count
      queuedBytes += span.size
    }
  }

  /// The session is gone: what was in flight waits to be sent again.
  mutating func requeueAll() {
    for batch in inFlight.reversed() { requeue(batch.spans) }
    inFlight = []
    windowUsed = 0
    heldNumber = nil
  }

  /// Takes everything out.
  mutating func drain() -> [Span] {
    let spans = inFlight.flatMap(\.spans) + queued
    self = Outbox()
    return spans
  }
}
