public import CasusEvents
public import CasusWire

/// A schema that is in force from now on.
public struct RegisteredSchema<Edition: Sendable>: Sendable {
  public var type: String
  public var edition: Edition
  /// Of its bytes.
  public var digest: SHA256Digest
  /// Of the edition that it replaces; nil for a type that had none.
  public var previous: SHA256Digest?
  /// In bytes.
  public var size: Int

  public init(type: String, edition: Edition, digest: SHA256Digest, previous: SHA256Digest?, size: Int) {
    self.type = type
    self.edition = edition
    self.digest = digest
    self.previous = previous
    self.size = size
  }

  /// Whether it is the edition that was in force already.
  public var isKnown: Bool { previous == digest }
}

extension Broker {
  /// Opens the session, after the schemas that the plugin brings, if any, were looked at.
  mutating func hello(_ hello: Hello, of entry: PluginEntry, _ peer: PeerID) throws(WireError) {
    guard !hello.schemas.isEmpty else {
      try open(peer, entry, hello)
      return
    }
    // Whoever may not open a session need not be compiled for.
    try admit(hello, of: entry, peer)
    for (place, offer) in hello.schemas.enumerated() {
      try check(offer, of: entry, pointer: "/manifest/schemas/\(place)")
    }
    try register(hello.schemas, of: entry, peer, .hello(hello))
  }

  /// `schema-add`: parameters `type` and `schema`. An operator may bring schemas for every agency.
  mutating func addSchema(_ request: Request, of entry: PluginEntry, _ peer: PeerID) throws(WireError) {
    guard let type = request.parameters["type"], let schema = request.parameters["schema"] else {
      throw WireError(.malformedControl, "schema-add needs the parameters type and schema", pointer: "/parameters")
    }
    let offer = SchemaOffer(type: type, schema: Array(schema.utf8))
    try check(offer, of: entry, pointer: "/parameters")
    if let session = sessions[peer] { leavesTrace(session) }
    try register([offer], of: entry, peer, .request(request))
  }

  private func check(_ offer: SchemaOffer, of entry: PluginEntry, pointer: String) throws(WireError) {
    guard Self.isVersionedType(offer.type) else {
      throw WireError(
        .schemaRefused,
        "a type is words of a-z, 0-9 and - joined by dots with the version last, as jp.nisc.probe.v1, not "
          + "'\(offer.type.prefix(100))'", pointer: "\(pointer)/type")
    }
    // An operator keeps the registry, and so what each agency owns, too.
    let owner = registry.owner(of: offer.type)
    guard owner == entry.agency || owner != nil && entry.roles.contains(.operator) else {
      throw WireError(
        .prefixForeign,
        "\(entry.agency) defines types that begin with \(entry.prefixes.joined(separator: ", ")); "
          + (owner.map { "\(offer.type) is \($0)'s to define" } ?? "nobody owns a prefix of \(offer.type)"),
        pointer: "\(pointer)/type")
    }
  }

  /// Words and a version: `jp.nisc.probe.v1`, at most 128 bytes.
  static func isVersionedType(_ type: String) -> Bool {
    guard TypePattern.isType(type), let dot = type.lastIndex(of: ".") else { return false }
    let version = type[type.index(after: dot)...].utf8
    return version.first == UInt8(ascii: "v") && version.dropFirst().first.map { $0 != UInt8(ascii: "0") } ?? false
      && version.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
  }

  private mutating func register(
    _ schemas: [SchemaOffer], of entry: PluginEntry, _ peer: PeerID, _ wish: SchemaOffers.Offer.Wish
  ) throws(WireError) {
    guard !isStopping else { throw WireError(.stopping) }
    guard !offers.isWaiting(peer) else {
      throw WireError(.busy, "the schemas that this connection brought before are still being looked at")
    }
    // Once they are on disk nothing may keep them from being in force: there must be numbers for all of them before.
    let new = Set(schemas.map(\.type).filter { types.find($0) == nil }).count
    guard types.reserve(new) else {
      throw WireError(.schemaRefused, "the broker has no room for another \(new) types")
    }
    let number = offers.add(.init(peer: peer, key: entry.key, wish: wish, count: schemas.count, reserved: new))
    effects.append(.register(offer: number, schemas, by: entry.identity))
  }

  /// The schemas of an offer are good and on disk, or why not: all of them are in force from now on, or none.
  public mutating func adopt(offer number: Int, _ result: Result<[Schema], WireError>, at now: Moment) {
    self.now = now
    guard let offer = offers.remove(number) else { return }
    types.release(offer.reserved)
    let owner = registry.byKey[offer.key]
    var new: [Schema] = []
    if case .success(let schemas) = result {
      new = schemas.filter { !$0.isKnown }
      for schema in new {
        let isAdopted = adopt(schema.edition, of: schema.type)
        precondition(isAdopted, "the offer had reserved a number for \(schema.type)")
        tell(schema, by: owner)
      }
    }
    do throws(WireError) {
      guard let owner else { throw WireError(.keyRevoked) }
      switch (offer.wish, result) {
      case (_, .failure(let error)): throw error
      case (.hello(let hello), .success): try open(offer.peer, owner, hello)
      case (.request(let request), .success(let schemas)):
        effects.append(.send(offer.peer, .reply(Reply(id: request.id, result: Self.answer(schemas)))))
      }
    } catch {
      switch offer.wish {
      case .hello: fail(offer.peer, error, command: "hello")
      case .request(let request): fail(offer.peer, error, command: "request", number: request.id)
      }
      if let owner { announceRefusal(error, of: owner) }
    }
    // Those that are refused had to be compiled and judged, too; the one in force already is known by its digest.
    var looked = new.count
    if case .failure(let error) = result, error.code.rawValue < 500 { looked = offer.count }
    if let owner { charge(.schema, count: looked, to: owner, offer.peer) }
  }

  private mutating func tell(_ schema: Schema, by owner: PluginEntry?) {
    guard let owner else { return }
    tell(
      .schema(
        BusSchema(
          plugin: owner.identity, agency: owner.agency, eventType: schema.type, sha256: schema.digest.hex,
          previousSHA256: schema.previous?.hex, size: schema.size)), .schema, of: owner.identity)
  }

  private struct SchemaAnswer: Encodable {
    var type: String
    var sha256: String
    var changed: Bool
  }

  private static func answer(_ schemas: [Schema]) -> [UInt8] {
    guard let schema = schemas.first else { return Array("{}".utf8) }
    let answer = SchemaAnswer(type: schema.type, sha256: schema.digest.hex, changed: !schema.isKnown)
    return (try? canonicalJSON(answer)) ?? []
  }
}
