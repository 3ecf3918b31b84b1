/// A row of the table of limits, the one place that says how each is written, what it may be, who sets and who is told it.
///
/// Read by the protocol (`welcome`), by the broker's configuration, by a topology, and, as `Tests/Vectors/limits.json`, by
/// clients in other languages. The default is the field's in `Limits`.
public struct Limit: Sendable {
  public enum Unit: String, Sendable {
    case bytes, events, points, sessions, subscriptions, seconds
    case pointsPerSecond = "points a second"
  }

  let member: StaticString
  public let unit: Unit
  /// What an operator may set it to.
  public let range: ClosedRange<Int>
  /// What it bounds, in a sentence.
  public let doc: String
  /// A member of `limits` in the broker's configuration and in a topology's `broker`.
  public let isSetting: Bool
  /// A member of `limits` in `welcome`.
  public let isTold: Bool
  let field: any WritableKeyPath<Limits, Int> & Sendable

  /// `event_bytes`, in every file and frame.
  public var name: String { member.description }
  public var standard: Int { Limits()[self] }

  private init(
    _ member: StaticString, _ field: any WritableKeyPath<Limits, Int> & Sendable, _ unit: Unit,
    _ range: ClosedRange<Int>,
    isSetting: Bool = true, isTold: Bool = true, doc: String
  ) {
    self.member = member
    self.field = field
    self.unit = unit
    self.range = range
    self.isSetting = isSetting
    self.doc = doc
    self.isTold = isTold
  }

  public static let eventBytes = Limit(
    "event_bytes", \.eventBytes, .bytes, 1_024...(16 << 20),
    doc: "One event.")
  public static let batchBytes = Limit(
    "batch_bytes", \.batchBytes, .bytes, 1_024...(1 << 30),
    doc: "One batch; at least one event of event_bytes.")
  public static let batchEvents = Limit(
    "batch_events", \.batchEvents, .events, 1...65_536,
    doc: "Events in a batch.")
  public static let windowBytes = Limit(
    "window_bytes", \.windowBytes, .bytes, 1_024...(1 << 30),
    doc: "A publisher's bytes that are sent and not acknowledged, 512 more for each batch; at least batch_bytes.")
  public static let creditBytes = Limit(
    "credit_bytes", \.creditBytes, .bytes, 1_024...(1 << 30),
    doc: "A subscription's bytes that are delivered and not credited again.")
  public static let pendingEvents = Limit(
    "pending_events", \.pendingEvents, .events, 16...1_000_000,
    doc: "Events of a durable subscription that are delivered and not acknowledged.")
  public static let subscriptions = Limit(
    "subscriptions", \.subscriptions, .subscriptions, 1...10_000,
    doc: "Of a session, and durable ones of an identity.")
  /// The protocol's own; told, so that a client need not know it.
  public static let controlBytes = Limit(
    "control_bytes", \.controlBytes, .bytes, 65_536...65_536, isSetting: false,
    doc: "One control frame.")
  public static let faultsPerSecond = Limit(
    "faults_per_s", \.faultsPerSecond, .pointsPerSecond, 1...100_000_000,
    doc: "Points of the budget for what brings nothing that come back each second.")
  /// A `hello` costs 200: with fewer nobody would be let in.
  public static let faultsAtOnce = Limit(
    "faults_at_once", \.faultsAtOnce, .points, 200...1_000_000_000,
    doc: "Points of it that may be spent at once.")
  public static let peers = Limit(
    "peers", \.peers, .sessions, 1...65_536, isTold: false,
    doc: "Sessions at once.")
  /// Twice this and 16 MiB are what the journal takes in one commit, which is a GiB at most.
  public static let stagedBytes = Limit(
    "staged_bytes", \.stagedBytes, .bytes, 1_024...(504 << 20), isTold: false,
    doc: "Accepted bytes that wait for the disk before publishers are told busy; at least batch_bytes.")
  public static let tailBytes = Limit(
    "tail_bytes", \.tailBytes, .bytes, 1_024...(1 << 30), isTold: false,
    doc: "Committed events kept in memory for subscribers that keep up.")
  public static let cutOffSeconds = Limit(
    "cut_off_s", \.cutOffSeconds, .seconds, 1...86_400, isTold: false,
    doc: "Who spends more is cut off so long; twice as long each further time.")

  /// In the order in which `welcome` tells them.
  public static let all = [
    eventBytes, batchBytes, batchEvents, windowBytes, creditBytes, pendingEvents, subscriptions, controlBytes,
    faultsPerSecond, faultsAtOnce, peers, stagedBytes, tailBytes, cutOffSeconds,
  ]
  /// What an operator may set.
  public static let settings = all.filter(\.isSetting)
  public static let names = settings.map(\.name)
  static let told = all.filter(\.isTold)
}

/// Two limits of which one must be at least the other and `margin` more.
public struct LimitRelation: Sendable, CustomStringConvertible {
  public let greater: Limit
  public let least: Limit
  public let margin: Int
  private let reason: StaticString

  public static let all = [
    LimitRelation(
      greater: .batchBytes, least: .eventBytes, margin: PublishBatchWriter.size(of: 0),
      reason: "a batch holds one whole event"),
    LimitRelation(
      greater: .windowBytes, least: .batchBytes, margin: 0,
      reason: "a batch that does not fit the window is refused for ever"),
    LimitRelation(
      greater: .stagedBytes, least: .batchBytes, margin: 0,
      reason: "a batch that cannot be staged is told busy for ever"),
  ]

  /// For the operator who set one of them.
  public var description: String {
    let margin = margin == 0 ? "" : " + \(margin)"
    return "\(greater.name) must be at least \(least.name)\(margin): \(reason)"
  }
}
