public import CasusEvents
internal import IJSON

/// Asks for events.
///
///     {"op":"subscribe","sub":1,"types":["casus.effect.v1"],"senders":["jp.nisc/*"],"name":"correlator","from":"earliest",
///      "credit":{"events":1024,"bytes":4194304},"ack_wait_ms":30000,"max_attempts":5,"backoff_ms":[0,1000],
///      "overload":{…},"progress":true}
public struct Subscribe: Hashable, Sendable {
  /// The client's own number for the subscription, unique in its session.
  public var subscription: Int
  public var types: [String]
  /// Patterns over the stamp's sender; empty means all.
  public var senders: [String]
  /// A durable subscription's name; nil means ephemeral.
  public var name: String?
  /// A group of the plugin's agency instead: one durable subscription whose members share the work.
  public var group: String?
  public var start: SubscriptionStart
  public var creditEvents: Int
  public var creditBytes: Int
  /// Milliseconds until a delivered event that was not acknowledged is sent again.
  public var ackWait: Int
  /// Deliveries of one event before it goes to quarantine.
  public var maxAttempts: Int
  /// Milliseconds before the second delivery of an event, the third, …; the last stands for all after it. Empty means the
  /// broker's own steps, `Subscribe.defaultBackoff`.
  public var backoff: [Int]
  public var overload: Overload
  /// Also tell when the end of the journal is reached without a matching event.
  public var progress: Bool

  public init(
    subscription: Int, types: [String], senders: [String] = [], name: String? = nil, group: String? = nil,
    start: SubscriptionStart = .latest, creditEvents: Int, creditBytes: Int, ackWait: Int = Subscribe.defaultAckWait,
    maxAttempts: Int = Subscribe.defaultMaxAttempts, backoff: [Int] = [], overload: Overload = Overload(),
    progress: Bool = false
  ) {
    self.subscription = subscription
    self.types = types
    self.senders = senders
    self.name = name
    self.group = group
    self.start = start
    self.creditEvents = creditEvents
    self.creditBytes = creditBytes
    self.ackWait = ackWait
    self.maxAttempts = maxAttempts
    self.backoff = backoff
    self.overload = overload
    self.progress = progress
  }

  public static let defaultAckWait = 30_000
  public static let defaultMaxAttempts = 5
  /// At once, then after a second, ten seconds, a minute.
  public static let defaultBackoff = [0, 1_000, 10_000, 60_000]
  public static let mostBackoffSteps = 32
  /// The longest time that a client may ask for, in milliseconds.
  public static let mostWait = 86_400_000
  public static let ackWaits = 100...mostWait
  public static let attempts = 1...1_000
}

extension Subscribe: WireMessage {
  static let op: StaticString = "subscribe"
  static let numberMember: StaticString? = "sub"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("sub", subscription)
    writer.member("types", types)
    if !senders.isEmpty { writer.member("senders", senders) }
    writer.member("name", ifPresent: name)
    writer.member("group", ifPresent: group)
    start.encode(into: &writer)
    writer.object("credit") {
      $0.member("events", creditEvents)
      $0.member("bytes", creditBytes)
    }
    if name != nil || group != nil {
      writer.member("ack_wait_ms", ackWait)
      writer.member("max_attempts", maxAttempts)
      if !backoff.isEmpty { writer.array("backoff_ms", backoff) { $0.int($1) } }
    }
    if overload != Overload() { writer.object("overload") { overload.encode(into: &$0) } }
    writer.flag("progress", progress)
  }

  init(_ reader: ControlReader) throws(WireError) {
    let credit = try reader.object("credit")
    let backoff = try reader.integers("backoff_ms", in: 0...Self.mostWait)
    guard backoff.count <= Self.mostBackoffSteps else {
      throw WireError(
        .malformedControl, "/backoff_ms: must hold at most \(Self.mostBackoffSteps) integers", pointer: "/backoff_ms")
    }
    self.init(
      subscription: try reader.subscription(), types: try reader.strings("types"),
      senders: try reader.strings("senders"), name: try reader.optionalString("name"),
      group: try reader.optionalString("group"), start: try SubscriptionStart(reader),
      creditEvents: try credit.integer("events", in: counts), creditBytes: try credit.integer("bytes", in: counts),
      ackWait: try reader.optionalInteger("ack_wait_ms", in: Self.ackWaits) ?? Self.defaultAckWait,
      maxAttempts: try reader.optionalInteger("max_attempts", in: Self.attempts) ?? Self.defaultMaxAttempts,
      backoff: backoff, overload: try Overload(ifPresent: reader.optionalObject("overload")),
      progress: try reader.flag("progress"))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Subscribe {
    var sample = Subscribe(
      subscription: random.number(), types: random.texts(), senders: random.texts(), start: .sample(using: &random),
      creditEvents: random.number(), creditBytes: random.number(), overload: .sample(using: &random),
      progress: random.flag())
    // Of an ephemeral one nothing about acknowledgements is said.
    switch random.number(in: 0...2) {
    case 0: return sample
    case 1: sample.name = random.text()
    default: sample.group = random.text()
    }
    sample.ackWait = random.number(in: ackWaits)
    sample.maxAttempts = random.number(in: attempts)
    sample.backoff = random.list { $0.number(in: 0...mostWait) }
    return sample
  }
}

extension SubscriptionStart {
  fileprivate func encode(into writer: inout JSONWriter) {
    switch self {
    case .earliest: writer.member("from", "earliest")
    case .latest: writer.member("from", "latest")
    case .sequence(let sequence):
      writer.member("from", "sequence")
      writer.member("sequence", sequence: sequence)
    case .time(let time):
      writer.member("from", "time")
      writer.member("time", time.rfc3339)
    }
  }

  fileprivate init(_ reader: ControlReader) throws(WireError) {
    switch try reader.optionalString("from") ?? "latest" {
    case "earliest": self = .earliest
    case "latest": self = .latest
    case "sequence": self = .sequence(try reader.sequence("sequence"))
    case "time":
      guard let time = Timestamp(rfc3339: try reader.string("time")) else {
        throw WireError(.malformedControl, "/time: must be an RFC 3339 time", pointer: "/time")
      }
      self = .time(time)
    default:
      throw WireError(.malformedControl, "/from: must be earliest, latest, sequence or time", pointer: "/from")
    }
  }

  fileprivate static func sample(using random: inout some RandomNumberGenerator) -> SubscriptionStart {
    switch random.number(in: 0...3) {
    case 0: .earliest
    case 1: .latest
    case 2: .sequence(random.sequence())
    default: .time(Timestamp(nanoseconds: .random(in: .min...Int64.max, using: &random)))
    }
  }
}
