internal import IJSON

/// Opens a session: which versions, who, and what program.
///
///     {"op":"hello","protocol":[1,1],"identity":"jp.nisc/suricata-1",
///      "manifest":{"program":"suricata-sensor","version":"1.0.0","summary":"…","publishes":["casus.detection.v1"],
///                  "subscribes":[],"schemas":[{"type":"jp.nisc.probe.v1","schema":"{…}"}]}}
public struct Hello: Hashable, Sendable {
  /// The lowest and the highest version that the client speaks.
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

/// A schema that a plugin brings with `hello` or `schema-add`: a type and the JSON text that its events have to keep.
public struct SchemaOffer: Hashable, Sendable {
  /// `jp.nisc.probe.v1`.
  public var type: String
  /// JSON Schema 2020-12, as UTF-8 text; travels as a string, so that its bytes and their digest stay.
  public var schema: [UInt8]

  public init(type: String, schema: [UInt8]) {
    self.type = type
    self.schema = schema
  }
}

extension Hello: WireMessage {
  static let op: StaticString = "hello"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.array("protocol", [protocols.lowerBound, protocols.upperBound]) { $0.int($1) }
    writer.member("identity", identity)
    writer.object("manifest") {
      $0.member("program", program)
      $0.member("version", version)
      $0.member("summary", summary)
      $0.member("publishes", publishes)
      $0.member("subscribes", subscribes)
      guard !schemas.isEmpty else { return }
      $0.array("schemas", schemas) { writer, offer in
        writer.object {
          $0.member("type", offer.type)
          $0.member("schema", String(decoding: offer.schema, as: UTF8.self))
        }
      }
    }
  }

  init(_ reader: ControlReader) throws(WireError) {
    let versions = try reader.integers("protocol", in: counts)
    guard versions.count == 2, versions[0] <= versions[1] else {
      throw WireError(
        .malformedControl, "/protocol: must be [lowest, highest] of the versions you speak", pointer: "/protocol")
    }
    let manifest = try reader.object("manifest")
    self.init(
      protocols: versions[0]...versions[1], identity: try reader.string("identity"),
      program: try manifest.string("program"), version: try manifest.string("version"),
      summary: try manifest.optionalString("summary") ?? "", publishes: try manifest.strings("publishes"),
      subscribes: try manifest.strings("subscribes"),
      schemas: try manifest.objects("schemas") { (offer) throws(WireError) in
        SchemaOffer(type: try offer.string("type"), schema: Array(try offer.string("schema").utf8))
      })
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Hello {
    let version = random.number()
    return Hello(
      protocols: version...random.number(in: version...counts.upperBound), identity: random.text(),
      program: random.text(), version: random.text(), summary: random.text(), publishes: random.texts(),
      subscribes: random.texts(), schemas: random.list { SchemaOffer(type: $0.text(), schema: Array($0.text().utf8)) })
  }
}
