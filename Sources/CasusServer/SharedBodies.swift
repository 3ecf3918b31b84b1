internal import CasusCore
internal import ZeroMQ

/// The last batch frames, for further subscriptions that get the same events: made once, then shared, so that an event to
/// sixteen readers is copied once and stands in memory once until the last of them has it. Holds at most `most` frames of
/// a batch each, and none for long when nobody asks for them a second time.
///
/// Used by the loop's thread only; the frames themselves are counted by libzmq, whose I/O thread lets go of its share.
struct SharedBodies: ~Copyable {
  /// What a body is made of: the records of a stretch of the journal say everything, whoever they are for.
  private struct Key: Equatable {
    let first: UInt64
    let count: Int
    let redelivered: Bool
  }

  /// 8 MiB of full frames: readers that are a little apart still meet.
  private static let most = 32

  private let messages = UnsafeMutablePointer<Message>.allocate(capacity: most)
  private var keys: [Key] = []
  /// The oldest gives way when there are more.
  private var next = 0
  private var wasShared = false

  init() { keys.reserveCapacity(Self.most) }

  deinit {
    messages.deinitialize(count: keys.count)
    messages.deallocate()
  }

  /// Lets go of everything unless somebody had use for it since the last call.
  mutating func clean() {
    if !wasShared { removeAll() }
    wasShared = false
  }

  mutating func removeAll() {
    messages.deinitialize(count: keys.count)
    keys.removeAll(keepingCapacity: true)
    next = 0
  }

  /// The delivery's batch frame, if one like it was made; nil when it is to be made.
  mutating func body(of delivery: Delivery<JournalRun>) throws(ZeroMQError) -> Message? {
    guard let key = Self.key(delivery), let place = keys.firstIndex(of: key) else { return nil }
    wasShared = true
    return try Message(sharing: &messages[place])
  }

  /// Remembers a body that is about to be sent, and gives back what to send.
  mutating func share(_ body: consuming Message, of delivery: Delivery<JournalRun>) throws(ZeroMQError) -> Message {
    guard let key = Self.key(delivery) else { return body }
    let place = next
    next = (next + 1) % Self.most
    if place < keys.count {
      (messages + place).deinitialize(count: 1)
      keys[place] = key
    } else {
      keys.append(key)
    }
    (messages + place).initialize(to: body)
    return try Message(sharing: &messages[place])
  }

  /// Nil for a selection with gaps, which others seldom have.
  private static func key(_ delivery: Delivery<JournalRun>) -> Key? {
    guard let stretch = delivery.selected.stretch else { return nil }
    return Key(
      first: delivery.run.firstSequence + UInt64(stretch.lowerBound), count: stretch.count,
      redelivered: delivery.redelivered)
  }
}
