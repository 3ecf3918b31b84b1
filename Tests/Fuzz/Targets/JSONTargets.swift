import Foundation
import IJSON

extension FuzzTarget {
  /// What the strict reader accepts, another reader accepts too and reads as the same value; written anew it reads as
  /// the same value again; and each value's own text, cut out of the source, is that value.
  static let json = FuzzTarget(
    name: "json", dictionary: "json", maxBytes: 4096,
    check: { bytes in
      let parser = JSONParser()
      let value: JSONValue
      do throws(JSONError) { value = try parser.parse(bytes) } catch {
        require(error.offset.map { (0...bytes.count).contains($0) } ?? true, "the fault stands outside the text")
        require(!error.message.isEmpty, "a refusal without a reason")
        return
      }
      let wide = JSONParser(limits: .init(numbers: .binary64))
      guard let twin = try? wide.parse(bytes) else { fatalError("the narrow rule accepts what the wide one refuses") }
      require(same(value, twin), "two rules read two values")

      guard let other = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed) else {
        fatalError("another reader refuses what the strict one accepts")
      }
      // The other reader takes U+FEFF at the start of what it copies for a mark and leaves it out, in names too.
      let text = String(decoding: bytes, as: UTF8.self)
      let hasMark = text.unicodeScalars.contains("\u{FEFF}") || text.lowercased().contains("\\ufeff")
      require(hasMark || same(value, other), "another reader reads another value: \(difference ?? "")")

      var writer = JSONWriter()
      write(value, to: &writer)
      let again = JSONParser()
      guard let copy = try? again.parse(writer.bytes) else { fatalError("what was written anew is refused") }
      require(same(value, copy), "what was written anew is another value")
      checkSources(of: value, parser, bytes)
    },
    seeds: { given in
      given
        + [
          "null", "[]", "{}", "-0", "1e2", "9007199254740991", "1.5", "\"\\u0000\\uD83D\\uDE00é\"",
          #"{"a":{"b":[1,true,null,"c"]},"":0}"#, " [ 1 , 2 ] ", "\u{FEFF}1", #"{"a":1,"\u0061":2}"#, "1e400",
        ].map { Array($0.utf8) }
    })

  /// Every value's text alone reads as that value.
  private static func checkSources(of value: JSONValue, _ parser: JSONParser, _ bytes: UnsafeRawBufferPointer) {
    var values = [value]
    value.forEachElement { values.append($0) }
    value.forEachMember { values.append($1) }
    for part in values.prefix(20) {
      guard let range = parser.sourceRange(of: part) else { fatalError("a value without a place") }
      let again = JSONParser()
      guard let alone = try? again.parse(Array(bytes[range])) else { fatalError("a value's own text is refused") }
      require(same(part, alone), "a value's own text is another value")
    }
  }

  static func write(_ value: JSONValue, to json: inout JSONWriter) {
    switch value.kind {
    case .null: json.null()
    case .boolean: json.bool(value.bool ?? false)
    case .integer: if let number = value.int64 { json.int(number) } else { json.int(value.uint64 ?? 0) }
    case .double: json.double(value.double ?? 0)
    case .string: json.string(value.string ?? "")
    case .array: json.array { json in value.forEachElement { write($0, to: &json) } }
    case .object:
      json.object { json in
        value.forEachMember { name, member in
          json.name(dynamic: String(decoding: name, as: UTF8.self))
          write(member, to: &json)
        }
      }
    }
  }

  static func same(_ a: JSONValue, _ b: JSONValue) -> Bool {
    switch (a.kind, b.kind) {
    case (.object, .object):
      var equal = a.count == b.count
      a.forEachMember { name, value in
        guard equal, let other = b.member(name) else {
          equal = false
          return
        }
        equal = same(value, other)
      }
      return equal
    case (.array, .array):
      return a.count == b.count && zip(a.elements, b.elements).allSatisfy { same($0, $1) }
    case (.string, .string): return a.utf8.map { Array($0) } == b.utf8.map { Array($0) }
    case (.integer, .integer), (.integer, .double), (.double, .integer), (.double, .double):
      return a.double == b.double
    default: return a.kind == b.kind && a.bool == b.bool
    }
  }

  /// Where two readers differ, for the message.
  nonisolated(unsafe) private static var difference: String?

  private static func same(_ value: JSONValue, _ other: Any) -> Bool {
    let isSame = isSame(value, other)
    if !isSame, difference == nil { difference = "\(value.string ?? value.double?.description ?? "") and \(other)" }
    return isSame
  }

  private static func isSame(_ value: JSONValue, _ other: Any) -> Bool {
    switch value.kind {
    case .object:
      guard let members = other as? [String: Any] else { return false }
      // The other reader's names are equal by canonical equivalence: two of ours may be one there.
      let names = Set(value.members.map { String(decoding: $0.name, as: UTF8.self) })
      if names.count < value.count { return members.count == names.count }
      var equal = members.count == value.count
      value.forEachMember { name, member in
        let found = members[String(decoding: name, as: UTF8.self)]
        equal = equal && found.map { same(member, $0) } ?? false
      }
      return equal
    case .array:
      guard let elements = other as? [Any], elements.count == value.count else { return false }
      return zip(value.elements, elements).allSatisfy { same($0, $1) }
    case .string:
      guard let mine = value.string, let theirs = other as? String else { return false }
      return mine.utf8.elementsEqual(theirs.utf8)
    case .integer, .double:
      // The other reader rounds long numbers twice.
      guard let mine = value.double, let theirs = (other as? NSNumber)?.doubleValue else { return false }
      return abs(mine - theirs) <= abs(mine) * 1e-15
    case .boolean: return (other as? Bool) == value.bool
    case .null: return other is NSNull
    }
  }
}
