package import CasusEvents
package import MCAP

/// What an MCAP channel of events stands for, and how that is written: the mapping of segments and captures.
///
///     topic             the event's type
///     message encoding  json
///     schema            name: the type, encoding: jsonschema, data: the schema's text; id 0 where there is none
///     metadata          sender          jp.nisc/suricata-1; missing where another program wrote the file
///                       agency          jp.nisc
///                       flags           exercise,TLP:AMBER; see `StampFlags.text`
///                       schema-sha256   of the schema's text, in hex
package struct EventChannel: Hashable, Sendable {
  package var type: EventType
  /// `nil` where another program wrote the file.
  package var sender: String?
  /// Without what belongs to one delivery only.
  package var flags: StampFlags
  /// Of the schema's text, in hex; empty where there is none.
  package var digest: String

  package init(type: EventType, sender: String, flags: StampFlags, digest: String) {
    self.type = type
    self.sender = sender
    self.flags = flags.kept
    self.digest = digest
  }

  package init(_ channel: Channel) {
    type = EventType(channel.topic)
    sender = channel.metadata[Key.sender]
    flags = StampFlags(text: channel.metadata[Key.flags] ?? "")
    digest = channel.metadata[Key.digest] ?? ""
  }

  /// - Parameter schema: the schema's number in the file; 0 for none.
  package func channel(_ id: UInt16, schema: UInt16) -> Channel {
    var metadata = [Key.flags: flags.text, Key.digest: digest]
    if let sender {
      metadata[Key.sender] = sender
      metadata[Key.agency] = Self.agency(of: sender)
    }
    return Channel(
      id: id, schemaID: schema, topic: type.rawValue, messageEncoding: Self.messageEncoding, metadata: metadata)
  }

  package static func schema(_ id: UInt16, of type: EventType, _ text: [UInt8]) -> Schema {
    Schema(id: id, name: type.rawValue, encoding: schemaEncoding, data: text)
  }

  /// What keeps a channel of a segment from being one of these, in words that go on after its name.
  package static func fault(of channel: Channel, _ schema: Schema?) -> String? {
    if let reason = gap(in: channel, schema) { return reason }
    guard let schema, let sender = channel.metadata[Key.sender] else { return nil }
    if channel.metadata[Key.agency] != agency(of: sender) { return "names an agency that is not its sender's" }
    if channel.messageEncoding != messageEncoding || schema.encoding != schemaEncoding {
      return "is not JSON with a JSON Schema"
    }
    if channel.metadata[Key.digest] != sha256Hex(schema.data) { return "has another schema than its digest names" }
    return nil
  }

  /// What of that leaves its events without a sender or a type.
  package static func gap(in channel: Channel, _ schema: Schema?) -> String? {
    guard channel.metadata[Key.sender] != nil else { return "has no sender" }
    guard let schema else { return "has no schema" }
    return schema.name == channel.topic ? nil : "has the schema of \(schema.name)"
  }

  /// `jp.nisc` of `jp.nisc/suricata-1`.
  private static func agency(of sender: String) -> String { String(sender.prefix { $0 != "/" }) }

  private static let messageEncoding = "json"
  private static let schemaEncoding = "jsonschema"

  private enum Key {
    static let sender = "sender"
    static let agency = "agency"
    static let flags = "flags"
    static let digest = "schema-sha256"
  }
}
