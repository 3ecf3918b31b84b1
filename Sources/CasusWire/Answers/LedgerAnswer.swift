/// The result of the request `ledger`: nothing vanishes, and these are the sums that show it. Written by the broker and read by
/// the command; PROTOCOL.md, section 8.
public struct LedgerAnswer: Codable, Hashable, Sendable {
  public struct Publisher: Codable, Hashable, Sendable {
    public var publisher: String
    public var accepted: UInt64
    public var duplicates: Int
    /// By the code's name.
    public var refused: [String: Int]

    public init(publisher: String, accepted: UInt64, duplicates: Int, refused: [String: Int]) {
      self.publisher = publisher
      self.accepted = accepted
      self.duplicates = duplicates
      self.refused = refused
    }
  }

  /// accepted + lost = events.
  public struct Journal: Codable, Hashable, Sendable {
    /// The books cover the journal from here to here; decimal.
    public var from: String
    public var through: String
    /// Sequences given since the books began.
    public var events: UInt64
    /// The publishers' sum.
    public var accepted: UInt64
    /// Lost to damage before they were counted.
    public var lost: UInt64
    public var addsUp: Bool

    enum CodingKeys: String, CodingKey {
      case from, through, events, accepted, lost
      case addsUp = "adds_up"
    }

    public init(from: UInt64, through: UInt64, accepted: UInt64, lost: UInt64, addsUp: Bool) {
      self.from = String(from)
      self.through = String(through)
      events = through + 1 - from
      self.accepted = accepted
      self.lost = lost
      self.addsUp = addsUp
    }
  }

  /// matched = acked + pending + quarantined + dropped.
  public struct Subscription: Codable, Hashable, Sendable {
    /// A plugin, or a group of an agency.
    public var plugin: String
    /// Nil for an ephemeral one.
    public var name: String?
    public var group: Bool
    public var durable: Bool
    public var live: Bool
    public var members: [String]
    /// What becomes of events that its reader does not keep up with.
    public var policy: String
    public var matched: UInt64 = 0
    public var acked: UInt64 = 0
    public var pending = 0
    /// Of the pending ones, those that were never sent.
    public var waiting = 0
    public var quarantined: UInt64 = 0
    public var dropped: UInt64 = 0
    public var addsUp = true

    enum CodingKeys: String, CodingKey {
      case plugin, name, group, durable, live, members, policy, matched, acked, pending, waiting, quarantined, dropped
      case addsUp = "adds_up"
    }

    public init(plugin: String, name: String?, group: Bool, live: Bool, members: [String], policy: String) {
      self.plugin = plugin
      self.name = name
      self.group = group
      durable = name != nil
      self.live = live
      self.members = members
      self.policy = policy
    }
  }

  /// All of the sums.
  public var addsUp: Bool
  public var journal: Journal
  public var publishers: [Publisher]
  public var subscriptions: [Subscription]

  enum CodingKeys: String, CodingKey {
    case journal, publishers, subscriptions
    case addsUp = "adds_up"
  }

  public init(journal: Journal, publishers: [Publisher], subscriptions: [Subscription]) {
    addsUp = journal.addsUp && subscriptions.allSatisfy(\.addsUp)
    self.journal = journal
    self.publishers = publishers
    self.subscriptions = subscriptions
  }
}
