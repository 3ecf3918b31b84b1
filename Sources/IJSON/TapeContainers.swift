/// An object's members by name.
struct TapeObject<Key: CodingKey>: KeyedDecodingContainerProtocol {
  private let object: JSONValue
  /// Of an object with many members, so that asking for each of them stays linear.
  private let places: [String: JSONValue]?

  private static var few: Int { 32 }

  init(_ object: JSONValue) {
    self.object = object
    guard object.count > Self.few else {
      places = nil
      return
    }
    var places: [String: JSONValue] = [:]
    places.reserveCapacity(object.count)
    // Of two with one name the first counts, as everywhere.
    for member in object.members.reversed() { places[String(decoding: member.name, as: UTF8.self)] = member.value }
    self.places = places
  }

  var codingPath: [any CodingKey] { object.steps }
  var allKeys: [Key] { object.members.compactMap { Key(stringValue: String(decoding: $0.name, as: UTF8.self)) } }

  private func find(_ key: Key) -> JSONValue? {
    var name = key.stringValue
    if let places { return places[name] }
    return name.withUTF8 { object.member($0) }
  }

  private func value(_ key: Key) throws -> JSONValue {
    guard let value = find(key) else {
      throw DecodingError.keyNotFound(key, .init(codingPath: codingPath, debugDescription: "is missing"))
    }
    return value
  }

  private func valueUnlessNull(_ key: Key) -> JSONValue? {
    guard let value = find(key), !value.isNull else { return nil }
    return value
  }

  func contains(_ key: Key) -> Bool { find(key) != nil }
  func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNull }

  func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool { try TapeDecoder(value: value(key)).decode(type) }
  func decode(_ type: String.Type, forKey key: Key) throws -> String { try TapeDecoder(value: value(key)).decode(type) }
  func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try TapeDecoder(value: value(key)).decode(type) }
  func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try TapeDecoder(value: value(key)).decode(type) }
  func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
    try T(from: TapeDecoder(value: value(key)))
  }

  func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
    try valueUnlessNull(key).map { try TapeDecoder(value: $0).decode(type) }
  }
  func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
    try valueUnlessNull(key).map { try T(from: TapeDecoder(value: $0)) }
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try TapeDecoder(value: value(key)).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try TapeDecoder(value: value(key)).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder {
    guard let value = object["super"] else {
      throw DecodingError.keyNotFound(
        TapeKey(stringValue: "super"), .init(codingPath: codingPath, debugDescription: "is missing"))
    }
    return TapeDecoder(value: value)
  }

  func superDecoder(forKey key: Key) throws -> any Decoder { TapeDecoder(value: try value(key)) }
}

/// An array's elements one after the other.
struct TapeArray: UnkeyedDecodingContainer {
  private let array: JSONValue
  private var rest: JSONValue.Elements
  private var next: JSONValue?
  private(set) var currentIndex = 0

  init(_ array: JSONValue) {
    self.array = array
    rest = array.elements
    next = rest.next()
  }

  var codingPath: [any CodingKey] { array.steps }
  var count: Int? { array.count }
  var isAtEnd: Bool { next == nil }

  /// Calls `body` with the next element, and goes on behind it when that succeeds.
  private mutating func take<T>(_ body: (TapeDecoder) throws -> T) throws -> T {
    guard let value = next else {
      throw DecodingError.valueNotFound(
        T.self, .init(codingPath: codingPath, debugDescription: "has no more than \(currentIndex) elements"))
    }
    let result = try body(TapeDecoder(value: value))
    next = rest.next()
    currentIndex += 1
    return result
  }

  mutating func decodeNil() throws -> Bool {
    guard next?.isNull ?? false else { return false }
    return try take { _ in true }
  }

  mutating func decode(_ type: String.Type) throws -> String { try take { try $0.decode(type) } }
  mutating func decode(_ type: Double.Type) throws -> Double { try take { try $0.decode(type) } }
  mutating func decode(_ type: Int.Type) throws -> Int { try take { try $0.decode(type) } }
  mutating func decode<T: Decodable>(_ type: T.Type) throws -> T { try take { try T(from: $0) } }

  mutating func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    try take { try $0.container(keyedBy: type) }
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try take { try $0.unkeyedContainer() }
  }
  mutating func superDecoder() throws -> any Decoder { try take { $0 } }
}
