public import CasusEvents

/// Where something stands in the journal: what a reader needs to look it up and to check that it is the same.
public struct Citation: Codable, Hashable, Sendable {
  /// Decimal digits.
  public var sequence: String
  /// The authenticated publisher.
  public var sender: String
  /// Of the event's bytes, 64 hexadecimal digits.
  public var sha256: String
  public var source: String
  public var id: String
  /// When the broker accepted it.
  public var recorded: Timestamp
  /// The stamp's marks: `replayed`, `exercise`.
  public var flags: [String]
  public var tlp: TLP

  public init(_ event: RecordedEvent) {
    sequence = String(event.stamp.sequence)
    sender = event.stamp.sender
    sha256 = event.sha256
    source = event.envelope.source
    id = event.envelope.id
    recorded = event.stamp.recorded
    flags = event.stamp.flags.subtracting(.redelivered).names
    tlp = event.envelope.tlp
  }

  /// `[12 · jp.nisc/suricata-1 · 9f86d081]`.
  public var mark: String { "[\(sequence) · \(sender) · \(sha256.prefix(8))]" }

  /// Holds in every journal: without the sequence.
  public var reference: EventReference { EventReference(source: source, id: id, sha256: sha256) }

  var number: UInt64 { UInt64(sequence) ?? 0 }
  var agency: String { String(sender.prefix { $0 != "/" }) }
}

/// Something an event said, and where it stands.
public struct Cited<Value: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
  public var citation: Citation
  /// Earlier revisions by the same sender, which this one replaces.
  public var superseded: Int
  public var data: Value

  public init(_ data: Value, _ citation: Citation, superseded: Int = 0) {
    self.citation = citation
    self.superseded = superseded
    self.data = data
  }
}
