public import CasusEvents

/// How two runs over the same inputs differ: journals, segments or captures, compared by (source, id, sha256).
public struct GoldenReport: Hashable, Sendable {
  /// An event by what makes it unique, and where it stands.
  public struct Item: Hashable, Sendable, CustomStringConvertible {
    public var source: String
    public var id: String
    public var type: EventType
    public var sequence: UInt64
    public var sha256: String

    public var description: String { "\(type) \(source) \(id) (sequence \(sequence), sha256 \(sha256.prefix(12))…)" }
  }

  /// One identity with two contents.
  public struct Change: Hashable, Sendable {
    public var first: Item
    public var second: Item
  }

  /// Events that are byte for byte in both.
  public var same: UInt64 = 0
  /// Only in the first, only in the second; the first `GoldenComparison.limit` of each, all of them counted.
  public var onlyInFirst: [Item] = []
  public var onlyInFirstCount: UInt64 = 0
  public var onlyInSecond: [Item] = []
  public var onlyInSecondCount: UInt64 = 0
  /// The same source and id with other bytes.
  public var changed: [Change] = []
  public var changedCount: UInt64 = 0
  /// The first event of the second run that stands earlier than one which precedes it in the first run.
  public var reordered: Item?
  public var cuts: [CaptureReader.Cut] = []

  /// The same events. Their order is told apart: outputs of plugins that run beside each other may change places.
  public var isSame: Bool { onlyInFirstCount == 0 && onlyInSecondCount == 0 && changedCount == 0 }
}

/// Compares two runs. Pure but for the files it is given.
public enum GoldenComparison {
  /// Most differences of a kind that are listed.
  public static let limit = 100

  /// Compares the events that `plan` plays; its rate means nothing here. Memory: about 200 bytes for each event of the
  /// first run.
  public static func compare(
    _ first: CaptureReader, _ second: CaptureReader, _ plan: ReplayPlan = ReplayPlan()
  ) throws(CaptureError) -> GoldenReport {
    var report = GoldenReport()
    var items: [Key: (item: GoldenReport.Item, place: Int, digest: SHA256Digest)] = [:]
    var place = 0
    while let event = try first.next() {
      guard plan.wants(event) else { continue }
      let (key, item, digest) = try read(event)
      items[key] = (item, place, digest)
      place += 1
    }
    var furthest = -1
    while let event = try second.next() {
      guard plan.wants(event) else { continue }
      let (key, item, digest) = try read(event)
      guard let match = items.removeValue(forKey: key) else {
        report.onlyInSecondCount += 1
        if report.onlyInSecond.count < limit { report.onlyInSecond.append(item) }
        continue
      }
      if match.digest == digest {
        report.same += 1
      } else {
        report.changedCount += 1
        if report.changed.count < limit { report.changed.append(.init(first: match.item, second: item)) }
      }
      if match.place < furthest, report.reordered == nil { report.reordered = item }
      furthest = max(furthest, match.place)
    }
    report.onlyInFirstCount = UInt64(items.count)
    report.onlyInFirst = Array(items.values.sorted { $0.place < $1.place }.prefix(limit).map(\.item))
    report.cuts = first.cuts + second.cuts
    return report
  }

  /// As bytes: two spellings of one letter are two identities.
  private struct Key: Hashable {
    var source: [UInt8]
    var id: [UInt8]
  }

  private static func read(
    _ event: CapturedEvent
  ) throws(CaptureError) -> (Key, GoldenReport.Item, SHA256Digest) {
    do throws(EventError) {
      let envelope = try RecordedEvent(stamp: event.stamp, bytes: event.bytes).envelope
      let digest = SHA256Digest(of: event.bytes)
      let item = GoldenReport.Item(
        source: envelope.source, id: envelope.id, type: envelope.type, sequence: event.stamp.sequence,
        sha256: digest.hex)
      return (Key(source: Array(envelope.source.utf8), id: Array(envelope.id.utf8)), item, digest)
    } catch {
      throw CaptureError(.format, "sequence \(event.stamp.sequence) is no event: \(error.message)")
    }
  }
}
