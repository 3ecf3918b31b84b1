public import CasusEvents

/// The result of the request `quarantine` with the actions list, retry and drop: a page of what it concerned, as it was before.
/// Written by the broker and read by the command; PROTOCOL.md, section 5.
public struct QuarantineAnswer: Codable, Hashable, Sendable {
  public struct Entry: Codable, Hashable, Sendable {
    public var plugin: String
    public var subscription: String
    /// Decimal.
    public var sequence: String
    public var type: String
    public var attempts: Int
    /// The subscriber's last word on it.
    public var reason: String
    /// When it came into quarantine.
    public var time: Timestamp

    public init(
      plugin: String, subscription: String, sequence: UInt64, type: String, attempts: Int, reason: String,
      time: Timestamp
    ) {
      self.plugin = plugin
      self.subscription = subscription
      self.sequence = String(sequence)
      self.type = type
      self.attempts = attempts
      self.reason = reason
      self.time = time
    }
  }

  public var action: String
  /// Events that it concerned.
  public var count = 0
  public var events: [Entry] = []
  /// Events of the same choice behind these, and the `after` to go on with; nil when there are none.
  public var left = 0
  public var next: String?

  public init(action: String) { self.action = action }
}

/// The result of `quarantine` with the action show: one event with its very bytes.
public struct QuarantinedEventAnswer: Codable, Hashable, Sendable {
  public var plugin: String
  public var subscription: String
  /// Decimal.
  public var sequence: String
  public var type: String
  public var attempts: Int
  public var reason: String
  public var time: Timestamp
  public var recorded: Timestamp
  /// Of the event's bytes, in hexadecimal digits.
  public var sha256: String
  /// The event's bytes, as a string: the digest is of them.
  public var event: String

  public init(_ entry: QuarantineAnswer.Entry, recorded: Timestamp, event: [UInt8]) {
    plugin = entry.plugin
    subscription = entry.subscription
    sequence = entry.sequence
    type = entry.type
    attempts = entry.attempts
    reason = entry.reason
    time = entry.time
    self.recorded = recorded
    sha256 = sha256Hex(event)
    self.event = String(decoding: event, as: UTF8.self)
  }
}
