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
      /// Absent where nothing is implausible.
      var left: Effect?
    }
    struct Reasons: Decodable {
      var effects: [Effect]
      var room: Int
      var lines: [String]
    }
    var effects: [Vector]
    var reasons: [Reasons]
  }

  private static func file() throws -> File {
    let bytes = try Data(contentsOf: URL(fileURLWithPath: Checkout.path("Tests/Vectors/plausibility.json")))
    return try readJSON(File.self, Array(bytes))
  }

  @Test func `what cannot be is named and left out of estimates`() throws {
    for vector in try Self.file().effects {
      #expect(vector.data.implausible.map(\.description) == vector.implausible)
      #expect(vector.data.withoutImplausible.implausible.isEmpty)
      #expect(vector.data.withoutImplausible == vector.left ?? vector.data)
    }
  }

  @Test func `of many the last reason stands for the rest`() throws {
    for vector in try Self.file().reasons {
      #expect(Plausibility.leftOut(of: vector.effects, room: vector.room) == vector.lines)
    }
  }
}
