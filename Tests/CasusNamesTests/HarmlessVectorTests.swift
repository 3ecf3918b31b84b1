import CasusNames
import Foundation
import TestSupport
import Testing

/// The vectors that Swift and Python share.
@Suite struct HarmlessVectorTests {
  private struct File: Decodable {
    struct Vector: Decodable {
      var text: String
      var shown: String
    }
    var texts: [Vector]
  }

  @Test func `the shared vectors are shown as they say`() throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: Checkout.path("Tests/Vectors/harmless.json")))
    for vector in try JSONDecoder().decode(File.self, from: data).texts {
      #expect(HarmlessText.shown(vector.text) == vector.shown)
      #expect(HarmlessText.shown(vector.shown) == vector.shown)
    }
  }
}
