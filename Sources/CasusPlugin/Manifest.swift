public import CasusEvents

/// What a plugin tells the broker of itself when it connects.
public struct Manifest: Sendable {
  /// The program's name, `suricata-sensor` (not the plugin's identity, which its key gives).
  public var program: String
  public var version: String
  /// One sentence for people.
  public var summary: String
  public var publishes: [EventType]
  /// Type patterns: `*` stands for one word, a last `>` for one or more: `casus.*.v1`, `casus.bus.>`.
  public var subscribes: [String]
  /// Schemas of its own that the plugin brings to the broker.
  public var schemas: [EventSchema]
  /// Where events wait for the broker's acknowledgement, unless `CASUS_OUTBOX` says otherwise.
  public var outbox: OutboxKind

  public init(
    program: String, version: String, summary: String, publishes: [EventType], subscribes: [String],
    schemas: [EventSchema] = [], outbox: OutboxKind = .memory
  ) {
    self.program = program
    self.version = version
    self.summary = summary
    self.publishes = publishes
    self.subscribes = subscribes
    self.schemas = schemas
    self.outbox = outbox
  }
}

/// Where published events wait for the broker's acknowledgement.
public enum OutboxKind: String, Sendable {
  /// Enough where the process can publish the same again after a restart, as an analyzer does.
  case memory
  /// `CASUS_STATE/outbox`: for a sensor, whose source may be gone by then.
  case file
}

/// What a plugin's own events have to keep: JSON Schema 2020-12, checked by the broker on every event.
///
/// The type begins with a prefix that the plugin's agency owns (its name, unless the registry says otherwise) and ends with
/// its version: `jp.nisc.probe.v1`. The broker keeps the schema; another edition is taken under the same version as long
/// as no reader and no writer of the old one breaks. All schemas of a manifest together fit into one control frame (64 KiB).
public struct EventSchema: Hashable, Sendable {
  public var type: EventType
  /// The schema document, as JSON text; it describes the whole event and may refer to `urn:casus:schema:cloudevent` and
  /// `urn:casus:schema:common`.
  public var text: String

  public init(_ type: EventType, _ text: String) {
    self.type = type
    self.text = text
  }
}
