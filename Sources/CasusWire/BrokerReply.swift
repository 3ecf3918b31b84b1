/// What the broker says to a client; PROTOCOL.md, section 6, says it member by member.
public enum BrokerReply: Sendable {
  case welcome(Welcome)
  case published(Published)
  case subscribed(Subscribed)
  case deliver(Deliver)
  case progress(Progress)
  case dropped(Dropped)
  case unsubscribed(Unsubscribed)
  case pong(Pong)
  case reply(Reply)
  case error(ErrorReply)
  case bye(Bye)
}

/// The session is open.
public struct Welcome: Hashable, Sendable {
  public var version: Int
  public var broker: String
  public var identity: String
  public var roles: [String]
  /// Type patterns that this plugin may publish and subscribe to.
  public var publish: [String]
  public var subscribe: [String]
  /// The strictest TLP marking that it is sent: `AMBER`.
  public var clearance: String
  public var limits: WireLimits
  /// Milliseconds; a client that says nothing for three of these is taken for gone.
  public var heartbeat: Int
  /// The journal's first and last sequence; last is 0 when it is empty.
  public var first: UInt64
  public var last: UInt64

  public init(
    version: Int, broker: String, identity: String, roles: [String], publish: [String], subscribe: [String],
    clearance: String = "RED", limits: WireLimits, heartbeat: Int, first: UInt64, last: UInt64
  ) {
    self.version = version
    self.broker = broker
    self.identity = identity
    self.roles = roles
    self.publish = publish
    self.subscribe = subscribe
    self.clearance = clearance
    self.limits = limits
    self.heartbeat = heartbeat
    self.first = first
    self.last = last
  }
}

/// The fate of a batch: sent once every accepted event of it is as durable as it says.
public struct Published: Hashable, Sendable {
  public struct Duplicate: Hashable, Sendable {
    public var index: Int
    public var sequence: UInt64
    public init(index: Int, sequence: UInt64) {
      self.index = index
      self.sequence = sequence
    }
  }

  public struct Refused: Hashable, Sendable {
    public var index: Int
    public var id: String?
    public var error: WireError
    public init(index: Int, id: String?, error: WireError) {
      self.index = index
      self.id = id
      self.error = error
    }
  }

  public var batch: Int
  /// `disk`, `replicated`, `os` or `memory`.
  public var durability: String
  /// Newly accepted events; in the batch's order they have the sequences `first`, `first`+1, …
  public var accepted: Int
  public var first: UInt64
  public var duplicates: [Duplicate]
  public var refused: [Refused]

  public init(
    batch: Int, durability: String = "disk", accepted: Int = 0, first: UInt64 = 0, duplicates: [Duplicate] = [],
    refused: [Refused] = []
  ) {
    self.batch = batch
    self.durability = durability
    self.accepted = accepted
    self.first = first
    self.duplicates = duplicates
    self.refused = refused
  }
}

public struct Subscribed: Hashable, Sendable {
  public var subscription: Int
  /// The first sequence that will be looked at.
  public var next: UInt64
  /// Durable: everything up to here is acknowledged.
  public var acked: UInt64?
  /// The journal's last sequence at this moment.
  public var last: UInt64

  public init(subscription: Int, next: UInt64, acked: UInt64?, last: UInt64) {
    self.subscription = subscription
    self.next = next
    self.acked = acked
    self.last = last
  }
}

/// Announces the batch frame behind it.
public struct Deliver: Hashable, Sendable {
  public var subscription: Int
  public var count: Int
  /// The senders that the records' index points into.
  public var senders: [String]
  /// Everything up to here has been looked at for this subscription.
  public var through: UInt64

  public init(subscription: Int, count: Int, senders: [String], through: UInt64) {
    self.subscription = subscription
    self.count = count
    self.senders = senders
    self.through = through
  }
}

/// The journal holds nothing more for this subscription up to here.
public struct Progress: Hashable, Sendable {
  public var subscription: Int
  public var through: UInt64
  public init(subscription: Int, through: UInt64) {
    self.subscription = subscription
    self.through = through
  }
}

/// Matching events that this subscription will not be sent: its overload policy passed over them.
public struct Dropped: Hashable, Sendable {
  public var subscription: Int
  /// The first and the last of them; in between there may be others that did not match, or were sent.
  public var first: UInt64
  public var last: UInt64
  /// How many since the last such message; 0 when the journal has lost the whole stretch and nobody can say.
  public var count: Int
  public init(subscription: Int, first: UInt64, last: UInt64, count: Int) {
    self.subscription = subscription
    self.first = first
    self.last = last
    self.count = count
  }
}

public struct Unsubscribed: Hashable, Sendable {
  public var subscription: Int
  public init(subscription: Int) { self.subscription = subscription }
}

public struct Pong: Hashable, Sendable {
  /// The journal's last sequence.
  public var last: UInt64
  public init(last: UInt64) { self.last = last }
}

/// The answer to a request: JSON text as it is.
public struct Reply: Hashable, Sendable {
  public var id: Int
  public var result: [UInt8]
  public init(id: Int, result: [UInt8]) {
    self.id = id
    self.result = result
  }
}

/// A command was refused. A fatal one ends the session.
public struct ErrorReply: Hashable, Sendable {
  public var error: WireError
  /// The refused command's `op`.
  public var command: String?
  /// Its number: a subscription, a batch, a request.
  public var number: Int?
  public var fatal: Bool
  /// Milliseconds after which a new attempt has a chance, where the broker knows it.
  public var retryAfter: Int?

  public init(
    error: WireError, command: String? = nil, number: Int? = nil, fatal: Bool = false, retryAfter: Int? = nil
  ) {
    self.error = error
    self.command = command
    self.number = number
    self.fatal = fatal
    self.retryAfter = retryAfter
  }
}
