internal import CContracts

/// The contracts: JSON Schema 2020-12 documents as they stand in `Schemas`, carried inside the program.
///
/// Each describes the whole event, envelope and `data`. They refer to the shared documents by `$id`; nothing is fetched.
/// Patterns keep to what RE2 and ECMA-262 both know, anchored; every string and array has a bound.
public enum EventSchemas {
  /// One schema for each type of the vocabulary and of the bus itself.
  public static let all: [(type: String, bytes: [UInt8])] = read(casus_event_schemas()).map {
    (type: $0.name, bytes: $0.bytes)
  }

  /// A valid event of each of these types, to begin from; `docs/events` has them as files.
  public static let examples: [String: [UInt8]] = Dictionary(
    uniqueKeysWithValues: read(casus_event_examples()).map { ($0.name, $0.bytes) })

  /// The documents that the schemas refer to (`urn:casus:schema:common`, `urn:casus:schema:cloudevent`), and the schemas
  /// of what is signed (`urn:casus:schema:position-statement`, `urn:casus:schema:decision-statement`), by `$id`.
  public static let shared: [String: [UInt8]] = Dictionary(
    uniqueKeysWithValues: read(casus_shared_schemas()).map { ($0.name, $0.bytes) })

  /// What a schema of somebody's own may refer to, by URI: the shared documents and the vocabulary's schemas.
  public static let documents: [String: [UInt8]] = shared.merging(
    all.map { ("urn:casus:schema:\($0.type)", $0.bytes) }, uniquingKeysWith: { first, _ in first })

  private static func read(_ table: UnsafePointer<casus_contract>?) -> [(name: String, bytes: [UInt8])] {
    guard var entry = table else { return [] }
    var documents: [(name: String, bytes: [UInt8])] = []
    while let name = entry.pointee.name {
      let bytes = UnsafeBufferPointer(start: entry.pointee.bytes, count: entry.pointee.count)
      documents.append((String(cString: name), Array(bytes)))
      entry += 1
    }
    return documents
  }
}
