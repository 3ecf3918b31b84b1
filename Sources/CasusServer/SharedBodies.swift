internal import CasusCore
internal import CasusWire
internal import ZeroMQ

/// The last batch frames, for further subscriptions that get the same events: made once, then shared, so that an event to
/// sixteen readers is copied once and stands in memory once until the last of them has it. Bounded in number and bytes, and
/// empty soon after nobody asks for a frame a second time.
///
/// Used by the loop's thread only; the frames themselves are counted by libzmq, whose I/O thread lets go of its share.
struct SharedBodies: ~Copyable {
  /// What a body is made of: the records of a stretch of the journal say everything, whoever they are for.
  private struct Key: Equatable {
    let first: UInt64
    let count: Int
    let redelivered: Bool
  }

  private static let most = 32
  /// As many full frames: readers that are a little apart still meet.
  private static let mostBytes = most * Limits().batchBytes

  /// A ring of `count` frames from `oldest` on, with their keys and sizes.
  private let messages = UnsafeMutablePointer<Message>.allocate(capacity: most)
  private var keys = [(key: Key, size: Int)](repeating: (Key(first: 0, count: 0, redelivered: false), 0), count: most)
  private var oldest = 0
  private var count = 0
  private var bytes = 0
  private var wasShared = false

  init() {}

  deinit {
    for number in 0..<count { (messages + (oldest + number) % Self.most).deinitialize(count: 1) }
    messages.deallocate()
  }

  /// Lets go of everything unless somebody had use for it since the last call.
  mutating func clean() {
    if !wasShared { while count > 0 { forgetOldest() } }
    wasShared = false
  }

  /// The delivery's batch frame, if one like it was made; nil when it is to be made.
  mutating func body(of delivery: Delivery<JournalRun>) throws(ZeroMQError) -> Message? {
    guard count > 0, let key = Self.key(delivery) else { return nil }
    for number in 0..<count {
      let place = (oldest + number) % Self.most
      guard keys[place].key == key else { continue }
      wasShared = true
      return try Message(sharing: &messages[place])
    }
    return nil
  }

  /// Remembers a body that is about to be sent, and gives back what to send.
  mutating func share(_ body: consuming Message, of delivery: Delivery<JournalRun>) throws(ZeroMQError) -> Message {
    let size = body.count
    guard let key = Self.key(delivery), size <= Self.mostBytes else { return body }
    while count == Self.most || bytes + size > Self.mostBytes { forgetOldest() }
    let place = (oldest + count) % Self.most
    (messages + place).initialize(to: body)
    keys[place] = (key, size)
    count += 1
    bytes += size
    return try Message(sharing: &messages[place])
  }

  private mutating func forgetOldest() {
    (messages + oldest).deinitialize(count: 1)
    bytes -= keys[oldest].size
    oldest = (oldest + 1) % Self.most
    count -= 1
  }

  /// Nil for a selection with gaps, which others seldom have.
  private static func key(_ delivery: Delivery<JournalRun>) -> Key? {
    guard let stretch = delivery.selected.stretch else { return nil }
    return Key(
      first: delivery.run.firstSequence + UInt64(stretch.lowerBound), count: stretch.count,
      redelivered: delivery.redelivered)
  }
}
