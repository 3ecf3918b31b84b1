internal import CasusCore
internal import FoundationEssentials

/// A durable subscription's position as the bytes that the cursor store keeps.
enum CursorText {
  static func encode(_ record: CursorRecord) -> [UInt8] {
    // A record of strings and integers always has a text.
    (try? JSONEncoder().encode(record)).map { Array($0) } ?? []
  }

  static func decode(_ bytes: [UInt8]) -> CursorRecord? {
    try? JSONDecoder().decode(CursorRecord.self, from: Data(bytes))
  }
}
