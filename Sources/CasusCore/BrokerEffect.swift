public import CasusEvents
public import CasusWire

/// A subscription's number in the broker; never used again for another.
public struct SubscriptionKey: Hashable, Sendable {
  public let number: Int
}

/// Events of one run for one subscription.
public struct Delivery<Run: EventRun>: Sendable {
  /// The client's own number of the subscription.
  public var subscription: Int
  public var run: Run
  public var selected: Selection
  public var redelivered: Bool
  /// Everything up to here has been looked at.
  public var through: UInt64
}

/// What the shell is to do, in this order: the only way out of the core.
public enum BrokerEffect<Stage: EventStage>: Sendable {
  /// Send a control frame alone.
  case send(PeerID, BrokerReply)
  case deliver(PeerID, Delivery<Stage.Run>)
  /// Write these events to the journal, then call `committed` or `commitFailed`. One commit is under way at a time.
  case commit(Stage.Batch)
  /// Call `feed` soon, without waiting for anything: somebody's turn ended before everything was sent.
  case feed
  /// Read events from this sequence on from the journal, and hand them to `history`.
  case read(SubscriptionKey, from: UInt64)
  /// Find the first sequence recorded at the moment or later, and hand it to `located`.
  case locate(SubscriptionKey, Timestamp)
  /// Answer a request and send the reply.
  case answer(PeerID, Request)
  /// Keep a durable subscription's position (nil: forget it).
  case keep(name: String, cursor: CursorRecord?)
  /// Keep a new durable subscription's position on disk, then call `kept`: who is told that it exists must find it again.
  case keepFirst(SubscriptionKey, name: String, cursor: CursorRecord)
  /// Check these schemas and keep them on disk, all or none, then call `adopt` with the number.
  case register(offer: Int, [SchemaOffer], by: String)
  /// Answer with an event of the journal and what is known of it in quarantine.
  case show(PeerID, Request, QuarantinedEvent, SubscriptionOwner, clearance: TLP)
  /// Keep the publishers' books beside the positions.
  case keepBooks(PublisherBooks)
  /// Let nobody in with these keys, and all others again: plugins that have spent their budget. See `FaultBudget`.
  case shut(Set<String>)
  /// After `stop`: everything that was accepted is on disk, or could not be written. There is no more to come.
  case stopped
  /// For the log: something an operator should know.
  case note(String)
}

/// Whose a durable subscription is, and its name.
public struct SubscriptionOwner: Hashable, Sendable {
  public var identity: String
  public var name: String

  public init(identity: String, name: String) {
    self.identity = identity
    self.name = name
  }
}

/// A durable subscription as it is kept across restarts.
public struct CursorRecord: Hashable, Codable, Sendable {
  public var identity: String
  public var name: String
  public var isGroup: Bool
  public var types: [String]
  public var senders: [String]
  /// Everything up to here is done with.
  public var acked: UInt64
  /// Stretches beyond, rising, in which everything is done with or did not match.
  public var done: [ClosedRange<UInt64>]
  public var ackWait: Int
  public var maxAttempts: Int
  /// Counts since the subscription was made.
  public var matched: UInt64
  public var ackedCount: UInt64
  public var quarantined: UInt64
  public var dropped: UInt64
  public var quarantine: [QuarantinedEvent]
  /// Of what is not done with: the attempts that failed.
  public var failures: [FailedAttempts]
  /// Raw stamp flags: the marks of what was delivered.
  public var marks: UInt16
  /// What it has lost and its reader was not told yet.
  public var lost: Lost?

  public struct Lost: Hashable, Codable, Sendable {
    public var first: UInt64
    public var last: UInt64
    public var count: Int
  }
}
