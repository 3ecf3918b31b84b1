public import CasusEvents

/// What a client says to the broker; PROTOCOL.md, section 5, says it member by member.
public enum ClientCommand: Sendable {
  case hello(Hello)
  case publish(Publish)
  case subscribe(Subscribe)
  case ack(Ack)
  case nack(Nack)
  case credit(Credit)
  case unsubscribe(Unsubscribe)
  case ping(Ping)
  case request(Request)
  case bye(Bye)
}

/// Opens a session: which versions, who, and what program.
public struct Hello: Hashable, Sendable {
  public var protocols: ClosedRange<Int>
  /// `jp.nisc/suricata-1`; must be the key's.
  public var identity: String
  public var program: String
  public var version: String
  public var summary: String
  public var publishes: [String]
  public var subscribes: [String]
  /// Schemas that the plugin brings, for types of prefixes that its agency owns.
  public var schemas: [SchemaOffer]

  public init(
    protocols: ClosedRange<Int> = WireProtocol.versions, identity: String, program: String, version: String,
    summary: String = "", publishes: [String] = [], subscribes: [String] = [], schemas: [SchemaOffer] = []
  ) {
    self.protocols = protocols
    self.identity = identity
    self.program = program
    self.version = version
    self.summary = summary
    self.publishes = publishes
    self.subscribes = subscribes
    self.schemas = schemas
  }
}

/// Announces the batch frame behind it.
public struct Publish: Hashable, Sendable {
  /// The publisher's own number for this batch; comes back in `published`.
  public var batch: Int
  /// Events in the batch frame.
  public var count: Int
  /// The events come from a capture: sources may be others', the stamp says `replayed`. Needs the role `replay`.
  public var replay: Bool

  public init(batch: Int, count: Int, replay: Bool = false) {
    self.batch = batch
    self.count = count
    self.replay = replay
  }
}

/// Where a subscription starts; a durable one that is known goes on where it was.
public enum Start: Hashable, Sendable {
  case earliest
  case latest
  /// The first event with this sequence or a later one.
  case sequence(UInt64)
  /// The first event recorded at this moment or later.
  case time(Timestamp)
}

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
  public var start: Start
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
    start: Start = .latest, creditEvents: Int, creditBytes: Int, ackWait: Int = 30_000, maxAttempts: Int = 5,
    backoff: [Int] = [], overload: Overload = Overload(), progress: Bool = false
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

  /// At once, then after a second, ten seconds, a minute.
  public static let defaultBackoff = [0, 1_000, 10_000, 60_000]
  public static let mostBackoffSteps = 32
}

/// What happens to a subscriber that does not keep up.
public struct Overload: Hashable, Sendable {
  public enum Policy: String, CaseIterable, Sendable {
    /// The journal is the queue: the subscription waits where it is.
    case block
    /// More than the bound is waiting: the oldest ones that were never sent are passed over, counted and told.
    case dropOldest = "drop-oldest"
    /// More than the bound came since the subscription began and waits: the session ends with `too-slow`.
    case disconnect
  }

  public var policy: Policy
  /// Matching events that may wait to be sent. 1 to `mostEvents`.
  public var events: Int
  /// Their bytes together.
  public var bytes: Int

  public init(_ policy: Policy = .block, events: Int = 10_000, bytes: Int = Overload.mostBytes) {
    self.policy = policy
    self.events = events
    self.bytes = bytes
  }

  public static let mostEvents = 100_000
  public static let mostBytes = 0x7fff_ffff
}

/// Durable subscriptions only: these are done with.
public struct Ack: Hashable, Sendable {
  public var subscription: Int
  /// Every delivered event up to and including this sequence.
  public var through: UInt64?
  /// Single ones beyond.
  public var also: [UInt64]

  public init(subscription: Int, through: UInt64? = nil, also: [UInt64] = []) {
    self.subscription = subscription
    self.through = through
    self.also = also
  }
}

/// Durable subscriptions only: these could not be processed; send them again.
public struct Nack: Hashable, Sendable {
  public var subscription: Int
  public var sequences: [UInt64]
  /// Milliseconds to wait before sending again; nil: what the subscription's back-off says.
  public var delay: Int?
  public var reason: String

  public init(subscription: Int, sequences: [UInt64], delay: Int? = nil, reason: String = "") {
    self.subscription = subscription
    self.sequences = sequences
    self.delay = delay
    self.reason = reason
  }
}

/// Allows the broker to deliver this much more.
public struct Credit: Hashable, Sendable {
  public var subscription: Int
  public var events: Int
  public var bytes: Int

  public init(subscription: Int, events: Int, bytes: Int) {
    self.subscription = subscription
    self.events = events
    self.bytes = bytes
  }
}

public struct Unsubscribe: Hashable, Sendable {
  public var subscription: Int
  /// A durable subscription is forgotten with its position, not only left.
  public var forget: Bool

  public init(subscription: Int, forget: Bool = false) {
    self.subscription = subscription
    self.forget = forget
  }
}

public enum HealthState: String, CaseIterable, Sendable {
  case ok, degraded, failing
}

/// A sign of life with the plugin's own word on its health.
public struct Ping: Hashable, Sendable {
  public var state: HealthState
  public var text: String

  public init(state: HealthState = .ok, text: String = "") {
    self.state = state
    self.text = text
  }
}

/// A question to the broker: `status`, `schemas`, `schema`, …; PROTOCOL.md, section 5, has them all.
public struct Request: Hashable, Sendable {
  public var id: Int
  public var what: String
  public var parameters: [String: String]

  public init(id: Int, what: String, parameters: [String: String] = [:]) {
    self.id = id
    self.what = what
    self.parameters = parameters
  }
}

/// Ends the session, from either side.
public struct Bye: Hashable, Sendable {
  public var reason: String
  public init(reason: String = "") { self.reason = reason }
}
