internal import CasusEvents
internal import CasusWire

/// A batch of which the first part is judged: where the next one begins, and what is known of its answer. Most batches are
/// judged in one turn; one of many events, or of a costly schema, is not, so that nobody waits for it.
struct UnfinishedBatch {
  let publish: Publish
  /// Of the whole frame.
  let bytes: Int
  /// When it was taken in (steady time).
  let begun: Int64
  /// Of the next event.
  var index = 0
  var offset = 0
  var published: Published
  /// The highest sequence that the answer speaks of.
  var through: UInt64 = 0
  /// Of the last part, to be told at its end.
  var refusals: [Notice] = []
  /// Refused events, and steps beyond the free ones, that are not charged yet.
  var faults = 0
  var steps = 0

  init(_ publish: Publish, bytes: Int, durability: String, at now: Int64) {
    self.publish = publish
    self.bytes = bytes
    begun = now
    published = Published(batch: publish.batch, durability: durability)
  }

  /// Of its publisher's window.
  var windowCost: Int { Publish.windowCost(bytes) }

  /// Bytes that are still to be judged.
  var left: Int { bytes - offset }

  /// The next event got this sequence.
  mutating func accept(_ sequence: UInt64) {
    if published.accepted == 0 {
      published.first = sequence
    } else if sequence != newest + 1 {
      published.jumps.append(.init(index: index, sequence: sequence))
    }
    newest = sequence
    published.accepted += 1
    through = max(through, sequence)
  }

  /// Of the event accepted last.
  private var newest: UInt64 = 0
}

/// What a message, or a part of one, left to do.
public struct BrokerProgress: Sendable {
  /// A commit has begun: the effects are to be carried out before more is taken in, so that the disk is not left idle.
  public var hasBegunCommit = false
  /// The batch is not judged to its end: `resume` goes on with it, after others had their turn.
  public var isUnfinished = false

  public static let nothing = BrokerProgress()
}
