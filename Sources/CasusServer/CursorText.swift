internal import CasusCore
internal import FoundationEssentials

/// A durable subscription's position, or the publishers' books, as the bytes that the cursor store keeps.
enum CursorText {
  static func encode(_ record: some Encodable) -> [UInt8] {
    // Records of strings and integers always have a text.
    (try? JSONEncoder().encode(record)).map { Array($0) } ?? []
  }

  static func decode<Record: Decodable>(_ type: Record.Type, _ bytes: [UInt8]) -> Record? {
    try? JSONDecoder().decode(type, from: Data(bytes))
  }
}
