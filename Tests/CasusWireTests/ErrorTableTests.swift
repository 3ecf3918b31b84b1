import CasusWire
import Foundation
import Testing

@Suite struct ErrorTableFile {
  @Test func everyCodeHasOneEntryAndEveryEntryACode() {
    #expect(ErrorTable.shared.entries.map(\.code).sorted() == WireErrorCode.allCases.map(\.rawValue).sorted())
    #expect(Set(ErrorTable.shared.entries.map(\.name)).count == ErrorTable.shared.entries.count)
    for code in WireErrorCode.allCases { #expect(!code.advice.isEmpty) }
  }
}

extension ErrorTableFile {
  /// The client in Python has a copy, so that its folder is whole wherever it is taken to.
  @Test func thePythonClientHasTheSameTable() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let table = try Data(contentsOf: root.appendingPathComponent("Sources/CasusWire/errors.json"))
    let copy = try Data(contentsOf: root.appendingPathComponent("Plugins/python/casus_client/errors.json"))
    #expect(copy == table, "cp Sources/CasusWire/errors.json Plugins/python/casus_client/")
  }
}
