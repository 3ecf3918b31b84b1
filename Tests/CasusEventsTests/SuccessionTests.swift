import CasusEvents
import TestSupport
import Testing

/// The one rule of whose place an event may take.
@Suite struct SuccessionTests {
  @Test(arguments: [
    ("//jp.nisc/a", "//jp.nisc/a", Succession.own), ("//jp.nisc/a", "//jp.nisc/b", .agency),
    ("//jp.nisc/a", "//jp.nisc2/a", .foreign), ("//jp.nisc2/a", "//jp.nisc/a", .foreign),
    ("//jp.nisc/a", "//jp/a", .foreign), ("//jp/a", "//jp.nisc/a", .foreign), ("", "", .own),
    ("//jp.nisc/a", "", .foreign), ("//jp.nisc", "//jp.nisc/a", .foreign), ("//jp.nisc/", "//jp.nisc/a", .agency),
    ("//jp.nisc/é", "//jp.nisc/e\u{301}", .agency),
  ])
  func `is by bytes and whole names`(source: String, owner: String, expected: Succession) {
    #expect(Succession(of: source.utf8, to: owner.utf8) == expected)
    #expect(Succession.allows(source, toReplace: owner) == (expected != .foreign))
  }

  private struct File: Decodable {
    struct Vector: Decodable {
      var source: String
      var marks: [String]
      var owner: String
      var ownerMarks: [String]
      var own: Bool
      var mayReplace: Bool

      enum CodingKeys: String, CodingKey {
        case source, marks, owner
        case ownerMarks = "owner_marks"
        case own
        case mayReplace = "may_replace"
      }
    }
    var origins: [Vector]
  }

  @Test func `is of one world, in Swift as in Python`() throws {
    let vectors = try readJSON(File.self, Vectors.bytes(of: "succession.json")).origins
    #expect(Set(vectors.map(\.mayReplace)) == [true, false])
    for vector in vectors {
      let origin = Origin(source: vector.source, marks: StampFlags(names: vector.marks))
      let owner = Origin(source: vector.owner, marks: StampFlags(names: vector.ownerMarks))
      #expect(origin.mayReplace(owner) == vector.mayReplace, "\(vector)")
      #expect(origin.isOwn(of: owner) == vector.own, "\(vector)")
    }
  }

  @Test func `a stamps marks survive their text`() {
    let flags: StampFlags = [.replayed, .exercise, .descends]
    #expect(StampFlags(text: flags.text) == flags && flags.names == ["replayed", "exercise", "descends"])
    #expect(StampFlags.redelivered.marks == [] && flags.isReplay && !StampFlags.exercise.isReplay)
  }
}
