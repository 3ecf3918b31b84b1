internal import CasusCore
internal import CasusEvents

/// A durable subscription's position, or the publishers' books, as the bytes that the cursor store keeps.
enum CursorText {
  static func encode(_ record: some Encodable) -> [UInt8] {
    // Records of strings and integers always have a text.
    (try? canonicalJSON(record)) ?? []
  }

  static func decode<Record: Decodable>(_ type: Record.Type, _ bytes: [UInt8]) -> Record? {
    try? readJSON(type, bytes)
  }
}
