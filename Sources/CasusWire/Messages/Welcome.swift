internal import IJSON

/// The session is open.
///
///     {"op":"welcome","protocol":1,"broker":"demo","identity":"jp.nisc/suricata-1","roles":["exercise"],
///      "publish":["casus.detection.v1"],"subscribe":[],"clearance":"AMBER","limits":{"event_bytes":65536,…},
///      "heartbeat_ms":5000,"journal":"5f0c…","first":"1","last":"0"}
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
  /// Of these only what `Limit.isTold` says travels.
  public var limits: Limits
  /// Milliseconds; a client that says nothing for three of these is taken for gone.
  public var heartbeat: Int
  /// The journal's id, 32 hexadecimal digits: sequences are places in this one.
  public var journal: String
  /// The journal's first and last sequence; last is 0 when it is empty.
  public var first: UInt64
  public var last: UInt64

  public init(
    version: Int, broker: String, identity: String, roles: [String], publish: [String], subscribe: [String],
    clearance: String = "RED", limits: Limits, heartbeat: Int, journal: String, first: UInt64,
    last: UInt64
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
    self.journal = journal
    self.first = first
    self.last = last
  }
}

extension Welcome: WireMessage {
  static let op: StaticString = "welcome"

  func encodeMembers(into writer: inout JSONWriter) {
    writer.member("protocol", version)
    writer.member("broker", broker)
    writer.member("identity", identity)
    writer.member("roles", roles)
    writer.member("publish", publish)
    writer.member("subscribe", subscribe)
    writer.member("clearance", clearance)
    writer.object("limits") {
      for limit in Limit.told { $0.member(limit.member, limits[limit]) }
    }
    writer.member("heartbeat_ms", heartbeat)
    writer.member("journal", journal)
    writer.member("first", sequence: first)
    writer.member("last", sequence: last)
  }

  init(_ reader: ControlReader) throws(WireError) {
    let told = try reader.object("limits")
    var limits = Limits()
    for limit in Limit.told { limits[limit] = try told.integer(limit.member, in: 1...counts.upperBound) }
    self.init(
      version: try reader.integer("protocol", in: counts), broker: try reader.string("broker"),
      identity: try reader.string("identity"), roles: try reader.strings("roles"),
      publish: try reader.strings("publish"), subscribe: try reader.strings("subscribe"),
      clearance: try reader.string("clearance"), limits: limits,
      heartbeat: try reader.integer("heartbeat_ms", in: counts), journal: try reader.string("journal"),
      first: try reader.sequence("first"), last: try reader.sequence("last"))
  }

  static func sample(using random: inout some RandomNumberGenerator) -> Welcome {
    var limits = Limits()
    for limit in Limit.told { limits[limit] = random.number(in: limit.range) }
    return Welcome(
      version: random.number(), broker: random.text(), identity: random.text(), roles: random.texts(),
      publish: random.texts(), subscribe: random.texts(), clearance: random.text(), limits: limits,
      heartbeat: random.number(), journal: random.text(), first: random.sequence(), last: random.sequence())
  }
}
