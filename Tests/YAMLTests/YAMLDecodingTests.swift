import Testing
import YAML

@Suite("A Swift type is read from YAML")
struct YAMLDecodingTests {
  struct Policy: Decodable, Equatable {
    struct Party: Decodable, Equatable {
      var name: String
      var threshold: Int
      var hours: Double?
    }

    var version: String
    var author: String?
    var isExercise: Bool
    var parties: [Party]
  }

  private func decode<T: Decodable>(_ text: String, as _: T.Type = T.self) throws -> T {
    try #require(try YAMLNode.parse(text)).decode()
  }

  private func refusal<T: Decodable>(_ text: String, as _: T.Type) -> String? {
    do {
      _ = try decode(text, as: T.self)
      return nil
    } catch { return "\(error)" }
  }

  @Test("whose texts may look like numbers and whose members may be missing or nothing")
  func types() throws {
    let policy: Policy = try decode(
      """
      version: 1
      author:
      isExercise: true
      parties:
        - {name: "JP", threshold: 2, hours: 12}
        - {name: null-island, threshold: +1, hours: ~}
      """)
    #expect(
      policy
        == Policy(
          version: "1", author: nil, isExercise: true,
          parties: [.init(name: "JP", threshold: 2, hours: 12), .init(name: "null-island", threshold: 1, hours: nil)]))
    #expect(try decode("[1, 2]", as: [UInt8].self) == [1, 2])
    #expect(try decode("{a: [x, ~]}", as: [String: [String?]].self) == ["a": ["x", nil]])
  }

  @Test("with the members that merge keys bring, its own first")
  func merges() throws {
    let text = "[&a {x: 1, y: 2}, &b {x: 3, z: 4}, {<<: *a, y: 5}, {<<: [*b, *a]}, {'<<': 6}]"
    #expect(
      try decode(text, as: [[String: Int]].self)
        == [["x": 1, "y": 2], ["x": 3, "z": 4], ["x": 1, "y": 5], ["x": 3, "y": 2, "z": 4], ["<<": 6]])
  }

  @Test("or refused where it is not what the type wants")
  func wrong() {
    let head = "version: a\nisExercise: false\nparties:\n"
    let cases = [
      (head + "  - {name: JP}\n", "4:5: this mapping needs 'threshold'"),
      (head + "  - {name: JP, threshold: two}\n", "4:27: a whole number from \(Int.min) to \(Int.max) is expected"),
      (head + "  - {name: JP, threshold: \"2\"}\n", "4:27: a whole number from \(Int.min) to \(Int.max) is expected"),
      (head + "  - JP\n", "4:5: a mapping is expected"),
      (head + "  {name: JP}\n", "4:3: a list is expected"),
      ("version: []\n", "1:10: a text is expected"),
      ("version: a\nisExercise: yes\n", "2:13: true or false is expected"),
      ("<<: 1\n", "1:5: a mapping is expected"),
      ("- 1\n", "1:1: a mapping is expected"),
    ]
    for (text, refused) in cases { #expect(refusal(text, as: Policy.self) == refused) }
    #expect(refusal("[1, 300]", as: [UInt8].self) == "1:5: a whole number from 0 to 255 is expected")
  }
}
