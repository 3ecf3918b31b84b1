internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import CasusWire
internal import IJSON
internal import SystemFiles
internal import ZeroMQ

extension BrokerLoop {
  mutating func answer(_ request: Request, to peer: PeerID) throws(ZeroMQError) {
    let reply: BrokerReply
    switch request.what {
    case "status": reply = .reply(Reply(id: request.id, result: statusText()))
    case "schemas": reply = .reply(Reply(id: request.id, result: schemas.list))
    case "schema":
      let type = request.parameters["type"] ?? ""
      if let edition = schemas.editions[type] {
        reply = .reply(Reply(id: request.id, result: edition.text))
      } else {
        reply = .error(
          ErrorReply(
            error: WireError(.unknownType, "no schema for that type", pointer: "/parameters/type"), command: "request",
            number: request.id))
      }
    default:
      reply = .error(
        ErrorReply(
          error: WireError(
            .unknownRequest,
            "'\(request.what.prefix(40))' is not status, ledger, quarantine, schemas, schema or schema-add",
            pointer: "/what"),
          command: "request", number: request.id))
    }
    try outgoing.send(reply, to: peer, on: socket)
  }

  private mutating func statusText() -> [UInt8] {
    var facts = facts
    facts.journalBytes = journal.bytes
    facts.segments = journal.segmentCount
    facts.held = retention?.held ?? [:]
    facts.cutsNeeded = retention?.policy.cutsNeeded ?? false
    facts.uptimeMilliseconds = Int((clock.now().steady - facts.startedSteady) / 1_000_000)
    facts.refusedConnections = facts.refusals.count
    facts.registryFaults = registryFaults
    return StatusReply.text(broker, facts)
  }

  // MARK: Schemas

  func register(_ offer: Int, _ schemas: [SchemaOffer], by identity: String) {
    schemaWorker.add { [schemaKeeper, mailbox] in
      mailbox.post(.schemas(offer: offer, schemaKeeper.take(schemas, by: identity)))
    }
  }

  /// From here on events of these types are judged by these schemas.
  mutating func adopt(_ offer: Int, _ result: Result<[RegisteredSchema<SchemaEdition>], WireError>) {
    if case .success(let accepted) = result {
      for schema in accepted where !schema.isKnown {
        schemas.adopt(schema.edition)
        log.info("\(schema.edition.origin) brought the schema of \(schema.type)")
      }
    }
    broker.adopt(offer: offer, result, at: clock.now())
  }

  // MARK: Quarantine

  /// Reads a quarantined event from the journal, as far as whoever asks may read it.
  func show(
    _ request: Request, _ event: QuarantinedEvent, _ owner: SubscriptionOwner, _ clearance: TLP, to peer: PeerID
  ) {
    reader.add { [journal, mailbox] in
      let reply: BrokerReply
      do throws(JournalError) {
        let batch = try journal.reader(from: event.sequence).next()
        // A record is a look into its batch, which nobody else holds.
        reply = withExtendedLifetime(batch) { Self.shown(request, event, owner, clearance, batch?.first) }
      } catch {
        reply = Self.refusal(request, WireError(.internal, "the journal cannot be read: \(error)"))
      }
      mailbox.post(.reply(peer, reply))
    }
  }

  private static func shown(
    _ request: Request, _ event: QuarantinedEvent, _ owner: SubscriptionOwner, _ clearance: TLP,
    _ record: CommittedBatch.Element?
  ) -> BrokerReply {
    guard let record, record.sequence == event.sequence else {
      return refusal(request, WireError(.sequenceGone, "the journal no longer has event \(event.sequence)"))
    }
    guard record.flags.marking ?? .red <= clearance else {
      return refusal(
        request,
        WireError(.roleRequired, "event \(event.sequence) is marked above your clearance, \(clearance.rawValue)"))
    }
    var json = JSONWriter()
    json.object { json in
      json.string("plugin", owner.identity)
      json.string("subscription", owner.name)
      json.string("sequence", String(event.sequence))
      json.string("type", event.type)
      json.int("attempts", event.attempts)
      json.string("reason", event.reason)
      json.string("time", event.time.rfc3339)
      json.string("recorded", record.recorded.rfc3339)
      json.string("sha256", SHA256Digest(of: record.event).hex)
      // As a string: the bytes that the digest is of.
      json.string("event", String(decoding: record.event, as: UTF8.self))
    }
    return .reply(Reply(id: request.id, result: json.bytes))
  }

  private static func refusal(_ request: Request, _ error: WireError) -> BrokerReply {
    .error(ErrorReply(error: error, command: "request", number: request.id))
  }
}
