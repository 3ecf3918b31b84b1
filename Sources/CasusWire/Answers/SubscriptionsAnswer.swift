/// The result of the request `subscriptions`: who holds how much of the journal, who holds most first. Written by the broker and read
/// by the command; PROTOCOL.md, section 5.
public struct SubscriptionsAnswer: Codable, Hashable, Sendable {
  /// A durable subscription.
  public struct Entry: Codable, Hashable, Sendable {
    /// A plugin, or a group of an agency.
    public var plugin: String
    public var subscription: String
    public var live = false
    /// Whether the registry knows its plugin.
    public var registered = true
    /// Everything up to here is done with; decimal, as the next one.
    public var position = "0"
    public var needsFrom = "0"
    public var pending = 0
    /// Events for it that it was not sent yet.
    public var lag: UInt64 = 0
    public var dropped: UInt64 = 0
    /// What of the journal stays for it, and since when; RFC 3339.
    public var heldBytes: UInt64 = 0
    public var heldSince: String?

    enum CodingKeys: String, CodingKey {
      case plugin, subscription, live, registered, position, pending, lag, dropped
      case needsFrom = "needs_from"
      case heldBytes = "held_bytes"
      case heldSince = "held_since"
    }

    public init(plugin: String, subscription: String) {
      self.plugin = plugin
      self.subscription = subscription
    }
  }

  public var subscriptions: [Entry]

  public init(_ subscriptions: [Entry]) { self.subscriptions = subscriptions }
}
