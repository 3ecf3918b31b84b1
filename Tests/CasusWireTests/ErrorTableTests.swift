import CasusWire
import Foundation
import TestSupport
import Testing

@Suite struct ErrorTableFile {
  @Test func `every code has one entry and every entry a code`() {
    #expect(ErrorTable.shared.entries.map(\.code).sorted() == WireErrorCode.allCases.map(\.rawValue).sorted())
    #expect(Set(ErrorTable.shared.entries.map(\.name)).count == ErrorTable.shared.entries.count)
    for code in WireErrorCode.allCases { #expect(!code.advice.isEmpty) }
  }
}

extension ErrorTableFile {
  /// The client in Python has a copy, so that its folder is whole wherever it is taken to.
  @Test func `the python client has the same table`() throws {
    let table = try Data(contentsOf: Checkout.root.appending(path: "Sources/CasusWire/errors.json"))
    let copy = try Data(contentsOf: Checkout.root.appending(path: "Plugins/python/casus_client/errors.json"))
    #expect(copy == table, "cp Sources/CasusWire/errors.json Plugins/python/casus_client/")
  }
}
