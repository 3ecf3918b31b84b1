public import CasusEvents
internal import CasusNames

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

  public init(_ event: RecordedEvent) { self.init(event, event.digest) }

  /// - Parameter digest: the event's.
  init(_ event: RecordedEvent, _ digest: SHA256Digest) {
    let envelope = event.envelope
    self.init(event.stamp, digest, source: envelope.source, id: envelope.id, tlp: envelope.tlp)
  }

  /// From what an index kept of an event.
  public init(_ stamp: Stamp, _ digest: SHA256Digest, source: String, id: String, tlp: TLP) {
    sequence = String(stamp.sequence)
    sender = stamp.sender
    sha256 = digest.hex
    self.source = source
    self.id = id
    recorded = stamp.recorded
    flags = stamp.flags.subtracting(.redelivered).names
    self.tlp = tlp
  }

  /// `[12 · jp.nisc/suricata-1 · 9f86d081]`.
  public var mark: EventMark { EventMark(sequence, sender, sha256) }

  /// Holds in every journal: without the sequence.
  public var reference: EventReference { EventReference(source: source, id: id, sha256: sha256) }

  var number: UInt64 { UInt64(sequence) ?? 0 }
  var origin: Origin { Origin(source: source, marks: StampFlags(names: flags)) }
  var holder: Holder { Holder(sender: sender, source: source) }
  /// Whose the event is: the authenticated publisher's agency, and that of the source where somebody replayed it.
  var publisherAgency: String {
    let publisher = flags.contains("replayed") && source.hasPrefix("//") ? source.dropFirst(2) : sender[...]
    return String(publisher.prefix { $0 != "/" })
  }
}

/// An event's place for people: its sequence, who published it, and the first digits of its digest.
public struct EventMark: Hashable, Sendable, CustomStringConvertible {
  public let description: String

  /// Nothing but what sequences, names and digests are made of gets in: a mark stands among other's words and must not be
  /// one of them.
  init(_ sequence: String, _ sender: String, _ sha256: String) {
    let isName = sender.utf8.allSatisfy {
      Name.isWordByte($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/")
    }
    let isNumber = !sequence.isEmpty && sequence.utf8.allSatisfy { (48...57).contains($0) }
    let digest = sha256.prefix(8)
    description =
      "[\(isNumber ? sequence : "?") · \(isName ? sender : "?") · \(digest.utf8.allSatisfy(Name.isWordByte) ? digest : "?")]"
  }
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
