import FoundationEssentials
import IJSON
import SeededRandom
import Testing

/// Random documents, from seeds that a failure names.
private struct DocumentMaker {
  var dice: SeededGenerator

  mutating func next(_ bound: Int) -> Int { Int(dice.next() % UInt64(bound)) }

  mutating func string() -> String {
    let alphabet = ["a", "b", "é", "日", "😀", "\"", "\\", "/", "\n", "\u{1}", "\0", " ", "\u{7F}", "\u{FFFD}"]
    return (0..<next(12)).map { _ in alphabet[next(alphabet.count)] }.joined()
  }

  mutating func value(_ depth: Int, _ json: inout JSONWriter) {
    switch next(depth > 0 ? 9 : 6) {
    case 0: json.null()
    case 1: json.bool(next(2) == 0)
    case 2: json.int(next(1 << 53) - (1 << 52))
    case 3: json.double(Double(next(1 << 50)) / Double(1 + next(1 << 20)) - 1e8)
    case 4, 5: json.string(string())
    case 6, 7:
      json.array { json in
        for _ in 0..<next(6) { value(depth - 1, &json) }
      }
    default:
      json.object { json in
        for index in 0..<next(24) {
          json.name(dynamic: "\(index)" + string())
          value(depth - 1, &json)
        }
      }
    }
  }

  mutating func document() -> [UInt8] {
    var json = JSONWriter()
    json.array { json in
      for _ in 0...next(4) { value(4, &json) }
    }
    return json.bytes
  }
}

/// A value as Foundation reads it, and as this reader does.
private enum Tree: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string([UInt8])
  case array([Tree])
  case object([[UInt8]: Tree])

  private struct Name: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  init(from decoder: any Decoder) throws {
    if let members = try? decoder.container(keyedBy: Name.self) {
      var object: [[UInt8]: Tree] = [:]
      for name in members.allKeys { object[Array(name.stringValue.utf8)] = try members.decode(Tree.self, forKey: name) }
      self = .object(object)
      return
    }
    let single = try decoder.singleValueContainer()
    if single.decodeNil() {
      self = .null
    } else if let bool = try? single.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? single.decode(Double.self) {
      self = .number(number)
    } else if let string = try? single.decode(String.self) {
      self = .string(Array(string.utf8))
    } else {
      self = .array(try single.decode([Tree].self))
    }
  }

  init(_ value: JSONValue) {
    switch value.kind {
    case .null: self = .null
    case .boolean: self = .bool(value.bool == true)
    case .integer, .double: self = .number(value.double ?? .nan)
    case .string: self = .string(value.withUTF8 { Array($0) } ?? [])
    case .array: self = .array(value.elements.map(Tree.init))
    case .object:
      self = .object(Dictionary(uniqueKeysWithValues: value.members.map { (Array($0.name), Tree($0.value)) }))
    }
  }
}

@Suite("On random documents the strict reader")
struct RandomDocumentTests {
  @Test(arguments: 0..<200)
  func `reads the values that Foundation reads`(seed: Int) throws {
    var maker = DocumentMaker(dice: SeededGenerator(seed: UInt64(seed)))
    let bytes = maker.document()
    let parser = JSONParser()
    let value = try parser.parse(bytes)
    let expected = try JSONDecoder().decode(Tree.self, from: Data(bytes))
    #expect(Tree(value) == expected)
  }

  @Test(arguments: 0..<50)
  func `finds each value's own bytes`(seed: Int) throws {
    var maker = DocumentMaker(dice: SeededGenerator(seed: UInt64(seed) &+ 1_000_000))
    let bytes = maker.document()
    let parser = JSONParser()
    let reader = JSONParser()
    func check(_ value: JSONValue) throws {
      let range = try #require(parser.sourceRange(of: value))
      #expect(Tree(try reader.parse(Array(bytes[range]))) == Tree(value))
      for element in value.elements { try check(element) }
      for member in value.members { try check(member.value) }
    }
    try check(try parser.parse(bytes))
  }

  @Test(arguments: 0..<100)
  func `refuses or accepts a damaged text, always with a place, and never traps`(seed: Int) throws {
    var maker = DocumentMaker(dice: SeededGenerator(seed: UInt64(seed) &+ 2_000_000))
    let whole = maker.document()
    let parser = JSONParser()
    let junk: [UInt8] = Array("{}[]:,\"\\u0eE+-.1tfn \n".utf8) + [0, 0x1F, 0x80, 0xC3, 0xED, 0xEF, 0xF4, 0xFF]
    for _ in 0..<60 {
      var bytes = whole
      switch maker.next(4) {
      case 0: bytes[maker.next(bytes.count)] = junk[maker.next(junk.count)]
      case 1: bytes.remove(at: maker.next(bytes.count))
      case 2: bytes.insert(junk[maker.next(junk.count)], at: maker.next(bytes.count + 1))
      default: bytes.removeLast(1 + maker.next(bytes.count))
      }
      do {
        let value = try parser.parse(bytes)
        #expect((try? JSONDecoder().decode(Tree.self, from: Data(bytes))) == Tree(value))
      } catch {
        #expect(error.offset != nil, "\(error) of \(String(decoding: bytes, as: UTF8.self))")
        #expect(error.pointer != nil || error.code == .size)
      }
    }
  }
}
