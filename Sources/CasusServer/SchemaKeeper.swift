internal import CasusCore
internal import CasusEvents
internal import CasusJournal
internal import CasusWire
internal import JSONSchema

/// Looks at the schemas that plugins bring, and keeps the good ones on disk. One thread at a time: the worker for schemas.
final class SchemaKeeper: @unchecked Sendable {
  private var set: SchemaSet
  /// What plugins brought, by type: as `SchemaSet` reads it at the start.
  private let log: ValueLog
  /// Types that an agency's plugins may bring in all.
  private let typesPerAgency = 1_000
  /// Editions of one type while the broker runs: each is a number in the journal's segments.
  private let editionsPerType = 100
  private var editions: [String: Int] = [:]

  init(_ set: SchemaSet, log: ValueLog) {
    self.set = set
    self.log = log
  }

  /// All of them or none.
  func take(_ offers: [SchemaOffer], by identity: String) -> Result<[RegisteredSchema<SchemaEdition>], WireError> {
    var next = set
    var accepted: [RegisteredSchema<SchemaEdition>] = []
    do throws(WireError) {
      for offer in offers {
        let schema = try look(at: offer, by: identity, in: next)
        next.adopt(schema.edition)
        accepted.append(schema)
      }
      try keep(accepted.filter { !$0.isKnown }.map(\.edition))
    } catch {
      return .failure(error)
    }
    set = next
    for schema in accepted where !schema.isKnown { editions[schema.type, default: 0] += 1 }
    return .success(accepted)
  }

  private func keep(_ editions: [SchemaEdition]) throws(WireError) {
    do throws(JournalError) {
      try log.write(editions.map { .init(ValueKey(kind: 1, name: $0.type), $0.kept) })
    } catch {
      throw WireError(
        error.isPassing ? error.refusal : .internal, "the schema could not be kept on disk: \(error.message)")
    }
  }

  private func look(
    at offer: SchemaOffer, by identity: String, in set: SchemaSet
  ) throws(WireError) -> RegisteredSchema<SchemaEdition> {
    let older = set.editions[offer.type]
    let digest = offer.schema.withUnsafeBytes { SHA256Digest(of: $0) }
    func registered(_ edition: SchemaEdition) -> RegisteredSchema<SchemaEdition> {
      RegisteredSchema(
        type: offer.type, edition: edition, digest: digest, previous: older?.digest, size: offer.schema.count)
    }
    if let older, older.digest == digest { return registered(older) }
    let edition: SchemaEdition
    do throws(SchemaError) {
      edition = try SchemaEdition(offer.schema, of: offer.type, origin: identity)
    } catch {
      throw refusal(offer, "\(error)", error.pointer)
    }
    if let older {
      try compare(older, edition, offer)
      guard editions[offer.type, default: 0] < editionsPerType else {
        throw refusal(offer, "\(editionsPerType) editions of one type are taken between two starts of the broker")
      }
    } else {
      let agency = "\(identity.prefix { $0 != "/" })/"
      guard set.editions.values.count(where: { $0.origin.hasPrefix(agency) }) < typesPerAgency else {
        throw refusal(offer, "an agency brings at most \(typesPerAgency) types")
      }
    }
    return registered(edition)
  }

  private func refusal(_ offer: SchemaOffer, _ message: String, _ pointer: String? = nil) -> WireError {
    WireError(
      .schemaRefused, "the schema of \(offer.type): \(message)", schema: "urn:casus:schema:\(offer.type)",
      schemaPointer: pointer)
  }

  /// Under one version nobody who keeps to the old edition may break.
  private func compare(
    _ older: SchemaEdition, _ newer: SchemaEdition, _ offer: SchemaOffer
  ) throws(WireError) {
    let breaking: [SchemaChange]
    do throws(SchemaError) { breaking = try older.broken(by: newer.bytes) } catch {
      throw refusal(offer, "it cannot be compared with the one in force: \(error)", error.pointer)
    }
    guard let first = breaking.first else { return }
    let more = breaking.count > 1 ? "; and \(breaking.count - 1) more" : ""
    throw WireError(
      .schemaIncompatible, "\(offer.type) is in use, and this edition breaks it: \(first)\(more)",
      schema: "urn:casus:schema:\(offer.type)", schemaPointer: first.pointer)
  }
}
