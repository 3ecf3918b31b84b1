internal import CContracts

/// The contracts: JSON Schema 2020-12 documents as they stand in `Schemas`, carried inside the program.
///
/// Each describes the whole event, envelope and `data`. They refer to the shared documents by `$id`; nothing is fetched.
/// Patterns keep to what RE2 and ECMA-262 both know, anchored; every string and array has a bound.
public enum EventSchemas {
  /// One schema for each type of the vocabulary and of the bus itself.
  public static let all: [(type: String, bytes: [UInt8])] = events.map { contract in
    let (type, bytes) = read(contract.schema)
    return (type: type, bytes: bytes)
  }

  /// A valid event of each of these types, to begin from; `docs/events` has them as files.
  public static let examples: [String: [UInt8]] = Dictionary(
    uniqueKeysWithValues: events.map { read($0.example) })

  /// The documents that the schemas refer to (`urn:casus:schema:common`, `urn:casus:schema:cloudevent`), and the schemas
  /// of what is signed (`urn:casus:schema:position-statement`, `urn:casus:schema:decision-statement`), by `$id`.
  public static let shared: [String: [UInt8]] = Dictionary(
    uniqueKeysWithValues: entries(casus_shared_schemas()) { $0.name != nil }.map { read($0) })

  /// What a schema of somebody's own may refer to, by URI: the shared documents and the vocabulary's schemas.
  public static let documents: [String: [UInt8]] = shared.merging(
    all.map { ("urn:casus:schema:\($0.type)", $0.bytes) }, uniquingKeysWith: { first, _ in first })

  private static var events: [casus_event_contract] { entries(casus_event_contracts()) { $0.schema.name != nil } }

  /// The entries of a table, up to its end.
  private static func entries<Entry>(_ table: UnsafePointer<Entry>?, _ isEntry: (Entry) -> Bool) -> [Entry] {
    guard var entry = table else { return [] }
    var entries: [Entry] = []
    while isEntry(entry.pointee) {
      entries.append(entry.pointee)
      entry += 1
    }
    return entries
  }

  private static func read(_ contract: casus_contract) -> (String, [UInt8]) {
    (String(cString: contract.name), Array(UnsafeBufferPointer(start: contract.bytes, count: contract.count)))
  }
}
