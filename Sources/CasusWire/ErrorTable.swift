internal import CContracts
internal import IJSON

/// `errors.json`, read once: what each code of the wire is called and what to do about it. Safe from any thread.
public struct ErrorTable: Sendable {
  public struct Entry: Decodable, Sendable {
    public let code: Int
    public let name: String
    public let retriable: Bool
    public let summary: String
    public let advice: String
  }

  private struct File: Decodable {
    let errors: [Entry]
  }

  public static let shared = ErrorTable()

  public let entries: [Entry]
  private let byCode: [Int: Entry]

  init() {
    let bytes = UnsafeBufferPointer(start: casus_wire_errors.bytes, count: casus_wire_errors.count)
    guard let file = try? JSONDocument(UnsafeRawBufferPointer(bytes)).decode(File.self) else {
      preconditionFailure("errors.json was built into this program but cannot be read")
    }
    entries = file.errors
    byCode = Dictionary(uniqueKeysWithValues: file.errors.map { ($0.code, $0) })
  }

  public subscript(_ code: WireErrorCode) -> Entry {
    guard let entry = byCode[code.rawValue] else {
      preconditionFailure("errors.json has no entry for code \(code.rawValue)")
    }
    return entry
  }
}
