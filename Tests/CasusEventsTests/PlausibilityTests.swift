import CasusEvents
import Foundation
import TestSupport
import Testing

/// The window of what can be, by the vectors that Swift and Python share.
@Suite struct PlausibilityTests {
  private struct File: Decodable {
    struct Vector: Decodable {
      var data: Effect
      var implausible: [String]
    }
    var effects: [Vector]
  }

  @Test func whatCannotBeIsNamedAndLeftOutOfEstimates() throws {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: Checkout.path("Tests/Vectors/plausibility.json")))
    for vector in try readJSON(File.self, Array(bytes)).effects {
      #expect(vector.data.implausible.map(\.description) == vector.implausible)
      #expect(vector.data.withoutImplausible.implausible.isEmpty)
      if vector.implausible.isEmpty { #expect(vector.data.withoutImplausible == vector.data) }
    }
  }
}
