import IJSON
import Testing

@Suite("A value is read in place")
struct ValueTests {
  private func parsed(_ text: String, _ parser: JSONParser) throws -> JSONValue {
    try parser.parse(Array(text.utf8))
  }

  @Test
  func `and says its kind`() throws {
    let parser = JSONParser(limits: .init(numbers: .binary64))
    let value = try parsed("[null,true,false,1,-1,18446744073709551615,1.5,1e2,\"a\",[],{}]", parser)
    #expect(
      value.elements.map(\.kind) == [
        .null, .boolean, .boolean, .integer, .integer, .integer, .double, .double, .string, .array, .object,
      ])
    #expect(value.kind == .array)
    #expect(value.count == 11)
    #expect(value.elements.map(\.isNull) == [true] + Array(repeating: false, count: 10))
    #expect(value.elements.map(\.bool) == [nil, true, false] + Array(repeating: nil, count: 8))
  }

  @Test
  func `and gives a number as what it fits`() throws {
    let parser = JSONParser(limits: .init(numbers: .binary64))
    let value = try parsed("[1,-1,1.0,1e2,1.5,18446744073709551615,-9223372036854775808,1e300,\"1\"]", parser)
    #expect(value.elements.map(\.int64) == [1, -1, 1, 100, nil, nil, .min, nil, nil])
    #expect(value.elements.map(\.uint64) == [1, nil, 1, 100, nil, .max, nil, nil, nil])
    #expect(value.elements.map(\.double) == [1, -1, 1, 100, 1.5, 0x1p64, -0x1p63, 1e300, nil])
  }

  @Test
  func `and gives a string unescaped`() throws {
    let parser = JSONParser()
    let value = try parsed("[\"\",\"a\\nb\",\"\\u65e5\\ud83d\\ude00\",\"\\u0000\",7]", parser)
    #expect(value.elements.map(\.string) == ["", "a\nb", "日😀", "\0", nil])
    let second = try #require(value.elements.dropFirst().first { _ in true })
    #expect(second.withUTF8 { Array($0) } == Array("a\nb".utf8))
    #expect(second.isString("a\nb"))
    #expect(!second.isString("a"))
    #expect(value.withUTF8 { $0.count } == nil)
  }

  @Test
  func `and finds members by their names' bytes`() throws {
    let parser = JSONParser()
    let value = try parsed("{\"a\":1,\"\":2,\"\u{E9}\":3,\"long name with spaces\":{\"b\":[true]}}", parser)
    #expect(value["a"]?.int64 == 1)
    #expect(value[""]?.int64 == 2)
    #expect(value["\u{E9}"]?.int64 == 3)
    // Canonically equivalent, but other bytes.
    #expect(value["e\u{301}"] == nil)
    #expect(value[Array("a".utf8)]?.int64 == 1)
    #expect(value["long name with spaces"]?["b"]?.elements.first { _ in true }?.bool == true)
    #expect(value["b"] == nil)
    #expect(value["a"]?["a"] == nil)
    var names: [String] = []
    value.forEachMember { name, _ in names.append(String(decoding: name, as: UTF8.self)) }
    #expect(names == ["a", "", "\u{E9}", "long name with spaces"])
  }

  @Test
  func `and has no members or elements when it is a scalar`() throws {
    let parser = JSONParser()
    let value = try parsed("\"abc\"", parser)
    #expect(value.count == 0)
    #expect(value.members.map { _ in 1 }.isEmpty)
    #expect(value.elements.map { _ in 1 }.isEmpty)
    value.forEachElement { _ in Issue.record("a string has no elements") }
  }

  @Test
  func `and knows the bytes it is written in`() throws {
    let text = " {\"a\" : [ 1.50 , \"x\\ny\" ,{\"b\": null}, [] ,-2 ] ,\"é\":true } "
    let bytes = Array(text.utf8)
    let parser = JSONParser()
    let value = try parser.parse(bytes)
    func source(_ value: JSONValue) throws -> String {
      String(decoding: bytes[try #require(parser.sourceRange(of: value))], as: UTF8.self)
    }
    #expect(try source(value) == text.trimmingSpaces)
    let array = try #require(value["a"])
    #expect(try source(array) == "[ 1.50 , \"x\\ny\" ,{\"b\": null}, [] ,-2 ]")
    #expect(try array.elements.map(source) == ["1.50", "\"x\\ny\"", "{\"b\": null}", "[]", "-2"])
    #expect(try source(try #require(value["é"])) == "true")
    let scalar = try parser.parse(Array(" 12 ".utf8))
    #expect(parser.sourceRange(of: scalar) == 1..<3)
    #expect(parser.sourceRange(of: value) == nil, "a value of an earlier document has no place in this one")
  }

  @Test
  func `and counts a container of many elements`() throws {
    let parser = JSONParser(limits: .init(maxBytes: 1 << 22))
    let value = try parsed("[" + Array(repeating: "0", count: 1_000_000).joined(separator: ",") + "]", parser)
    #expect(value.count == 1_000_000)
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
