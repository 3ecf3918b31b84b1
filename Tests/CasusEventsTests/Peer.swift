import Foundation
import TestSupport

/// Files for a Python program beside these tests, in a temporary folder.
struct Peer {
  private let temporary = TemporaryFolder()
  var folder: URL { URL(filePath: temporary.path) }

  func write(_ name: String, _ bytes: [UInt8]) throws {
    let file = folder.appendingPathComponent(name)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file)
  }

  func lines(_ name: String) throws -> [[UInt8]] {
    let bytes = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
    return bytes.split(separator: UInt8(ascii: "\n")).map(Array.init)
  }

  static let hasJSONSchema: Bool = {
    let found = Checkout.python(["-c", "import jsonschema, referencing, rfc3339_validator"]).status == 0
    if !found { print("SKIPPED: PyPI's jsonschema and rfc3339-validator are not installed; schemas go unchecked") }
    return found
  }()
}
