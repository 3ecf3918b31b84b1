import FoundationEssentials
import IJSON
import Testing

@Suite("Types are read off the tape") struct DecodingTests {
  struct Inner: Codable, Equatable {
    var name: String
    var size: UInt16
    var ratio: Double?
  }

  enum Level: String, Codable { case low, high }

  struct Outer: Codable, Equatable {
    var id: Int64
    var big: UInt64
    var flag: Bool
    var level: Level
    var inner: [Inner]
    var table: [String: Inner]
    var grid: [[Int]]
    var note: String?
    var holes: [Int?]
  }

  struct Stubborn: Error, Equatable {}
  struct Picky: Decodable {
    init(from decoder: any Decoder) throws { throw Stubborn() }
  }

  private let sample = Outer(
    id: -7, big: 18_446_744_073_709_551_615, flag: true, level: .high,
    inner: [Inner(name: "é\"\n/", size: 65535, ratio: 0.1), Inner(name: "", size: 0)],
    table: ["b": Inner(name: "x", size: 1), "a/~": Inner(name: "y", size: 2, ratio: -1.5e300)],
    grid: [[1], [], [2, 3]],
    note: nil, holes: [1, nil, 3])

  private let limits = JSONLimits(maxDepth: 64, numbers: .binary64)

  private func encoded(_ value: some Encodable) throws -> [UInt8] {
    var json = JSONWriter()
    try json.encode(value)
    return json.bytes
  }

  @Test func `what is written reads back`() throws {
    #expect(try JSONDocument(encoded(sample), limits: limits).decode(Outer.self) == sample)
  }

  @Test func `another writer and reader agree`() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    #expect(try encoded(sample) == Array(encoder.encode(sample)))
    #expect(try JSONDecoder().decode(Outer.self, from: Data(encoded(sample))) == sample)
  }

  /// The rule: by the bytes of the names in UTF-8, not by the order of characters or of UTF-16.
  @Test func `members are sorted by the bytes of their names`() throws {
    let table = ["é": 1, "e": 2, "z": 3, "Z": 4, "": 5, "\u{FFFD}": 6, "😀": 7, "a": 8, "ab": 9, "\"": 10]
    let text = String(decoding: try encoded(table), as: UTF8.self)
    #expect(
      text == "{\"\":5,\"\\\"\":10,\"Z\":4,\"a\":8,\"ab\":9,\"e\":2,\"z\":3,\"é\":1,\"\u{FFFD}\":6,\"😀\":7}")
  }

  @Test func `numbers have the fewest digits`() throws {
    let numbers = [
      0, -0.0, 1, -1, 100, 0.1, 1e15, 1e16, 1.5e300, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1 / 3,
    ]
    let text = String(decoding: try encoded(numbers), as: UTF8.self)
    #expect(
      text
        == "[0,-0,1,-1,100,0.1,1000000000000000,1e+16,1.5e+300,5e-324,1.7976931348623157e+308,0.3333333333333333]")
    #expect(try JSONDocument(encoded(numbers), limits: limits).decode([Double].self) == numbers)
  }

  @Test(arguments: [
    (#"{"name":"a"}"#, JSONError.Code.missing, "/size", "is missing"),
    (#"{"name":1,"size":1}"#, .kind, "/name", "must be a string, not a number"),
    (#"{"name":null,"size":1}"#, .kind, "/name", "must be a string, not null"),
    (#"{"name":"a","size":65536}"#, .value, "/size", "must be a whole number from 0 to 65535"),
    (#"{"name":"a","size":1.5}"#, .kind, "/size", "must be a whole number, not a number"),
    (#"[1]"#, .kind, "", "must be an object, not an array"),
  ])
  func `what is missing or of another kind is named`(
    text: String, code: JSONError.Code, pointer: String, message: String
  ) throws {
    #expect(throws: JSONError(code: code, pointer: pointer, message: message)) {
      try JSONDocument(Array(text.utf8)).decode(Inner.self)
    }
    let deep = Array(#"{"t":{"x/y~":[0,\#(text)]}}"#.utf8)
    struct Part: Decodable {
      init(from decoder: any Decoder) throws {
        var list = try decoder.unkeyedContainer()
        _ = try list.decode(Int.self)
        _ = try list.decode(Inner.self)
      }
    }
    #expect(throws: JSONError(code: code, pointer: "/t/x~1y~0/1" + pointer, message: message)) {
      try JSONDocument(deep).decode([String: [String: Part]].self)
    }
  }

  @Test func `an invalid number is named with its place`() {
    #expect(throws: JSONError(code: .value, pointer: "/a/1", message: "JSON has no nan")) {
      try encoded(["a": [0, Double.nan]])
    }
  }

  @Test func `a types own error is handed on`() throws {
    #expect(throws: Stubborn()) { try JSONDocument(Array("[1]".utf8)).decode([Picky].self) }
  }

  @Test func `an object of many members is read in linear time`() throws {
    // Quadratic, this would be 10^10 comparisons.
    let table = Dictionary(uniqueKeysWithValues: (0..<100_000).map { ("member-\($0)", $0) })
    let bytes = try encoded(table)
    #expect(try JSONDocument(bytes, limits: JSONLimits(maxBytes: 1 << 24)).decode([String: Int].self) == table)
  }

  @Test func `a document outlives its text and its parser`() async throws {
    let documents = try (0..<100).map { try JSONDocument(encoded(["number": $0, "text": $0 * 1000])) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, document) in documents.enumerated() {
        group.addTask {
          let read = try document.decode([String: Int].self)
          #expect(read == ["number": number, "text": number * 1000])
        }
      }
      try await group.waitForAll()
    }
  }
}
