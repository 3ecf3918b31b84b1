internal import CasusCore
internal import CasusWire

/// What the shell itself answers: `status`, `schemas` and `schema`.
struct Answers {
  private var schemas: SchemaSet
  private let facts: StatusReply.Facts

  init(_ schemas: SchemaSet, _ facts: StatusReply.Facts) {
    self.schemas = schemas
    self.facts = facts
  }

  /// From here on a type's schema is this edition.
  mutating func adopt(_ edition: SchemaEdition) { schemas.adopt(edition) }

  /// The answer to a request that the core has passed on.
  ///
  /// - Parameter fill: adds to the facts what changes.
  func reply(
    to request: Request, _ broker: borrowing Broker<SchemaInspector, JournalStage>,
    fill: (inout StatusReply.Facts) -> Void
  ) -> BrokerReply {
    switch request.what {
    case "status":
      var facts = facts
      fill(&facts)
      return .reply(Reply(id: request.id, result: StatusReply.text(broker, facts)))
    case "subscriptions":
      var facts = facts
      fill(&facts)
      return .reply(Reply(id: request.id, result: StatusReply.subscriptions(broker, facts)))
    case "schemas": return .reply(Reply(id: request.id, result: schemas.list))
    case "schema":
      guard let edition = schemas.editions[request.parameters["type"] ?? ""] else {
        return .refusal(of: request, .unknownType, "no schema for that type", pointer: "/parameters/type")
      }
      return .reply(Reply(id: request.id, result: edition.text))
    default:
      return .refusal(
        of: request, .unknownRequest,
        "'\(request.what.prefix(40))' is not status, ledger, quarantine, subscriptions, subscription-forget, schemas, schema or "
          + "schema-add",
        pointer: "/what")
    }
  }
}

extension BrokerReply {
  static func refusal(
    of request: Request, _ code: WireErrorCode, _ message: String, pointer: String? = nil
  ) -> BrokerReply {
    .error(
      ErrorReply(error: WireError(code, message, pointer: pointer), command: "request", number: request.id))
  }
}
