internal import IJSON

/// Announces the batch frame behind it, a `PublishBatchReader`'s.
///
///     {"op":"publish","batch":17,"count":3,"replay":true} + batch
public struct Publish: Hashable, Sendable {
  /// The publisher's own number for this batch; comes back in `published`.
  public var batch: Int
  /// Events in the batch frame.
  public var count: Int
  /// The events come from a capture: sources may be others', the stamp says `replayed`. Needs the role `replay`.
  public var replay: Bool
  /// The events rest on replayed ones; the stamp says `descends`. Needs no role.
  public var descends: Bool

  public init(batch: Int, count: Int, replay: Bool = false, descends: Bool = false) {
    self.batch = batch
    self.count = count
    self.replay = replay
    self.descends = descends
  }
}

extension Publish {
  /// What each message counts of its publisher's window beside its batch frame: about what it takes of memory wherever it waits, so
  /// that many small ones are bounded, too. Client and broker count alike.
  public static let overhead = 512

  /// What a batch frame of so many bytes takes of the window.
  public static func windowCost(_ bytes: Int) -> Int { bytes + overhead }
}

extension Publish: WireMessage {
  static let op: StaticString = "publish"
  static let numberMember: StaticString? = "batch"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("batch", batch)
    writer.member("count", count)
    writer.flag("replay", replay)
    writer.flag("descends", descends)
  }

  init(_ reader: ControlReader) throws(WireError) {
    self.init(
      batch: try reader.integer("batch", in: counts), count: try reader.integer("count", in: counts),
      replay: try reader.flag("replay"), descends: try reader.flag("descends"))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Publish {
    Publish(batch: random.number(), count: random.number(), replay: random.flag(), descends: random.flag())
  }
}
