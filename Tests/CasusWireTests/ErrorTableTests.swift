import CasusWire
import Testing

@Suite struct ErrorTableFile {
  @Test func everyCodeHasOneEntryAndEveryEntryACode() {
    #expect(ErrorTable.shared.entries.map(\.code).sorted() == WireErrorCode.allCases.map(\.rawValue).sorted())
    #expect(Set(ErrorTable.shared.entries.map(\.name)).count == ErrorTable.shared.entries.count)
    for code in WireErrorCode.allCases { #expect(!code.advice.isEmpty) }
  }
}
