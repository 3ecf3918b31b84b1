extension YAMLNode {
  /// Makes a value of a `Decodable` type of it. Numbers, truth values and nothing are plain scalars; a text may be any
  /// scalar, so `version: 1` is read where a text is asked for. A merge key (`<<`) brings the members of another mapping, or
  /// of a list of them, that are not there already.
  ///
  /// - Throws: `YAMLError`, with the place of what the type does not want.
  public func decode<T: Decodable>(_: T.Type = T.self) throws(YAMLError) -> T {
    do {
      return try T(from: YAMLNodeDecoder(node: self, codingPath: []))
    } catch let error as YAMLError {
      throw error
    } catch DecodingError.dataCorrupted(let context), DecodingError.typeMismatch(_, let context),
      DecodingError.valueNotFound(_, let context), DecodingError.keyNotFound(_, let context)
    {
      throw YAMLError(.value, at: place, context.debugDescription)
    } catch {
      throw YAMLError(.value, at: place, "\(error)")
    }
  }

  /// A mapping's members by name, merge keys followed; what stands first wins.
  fileprivate func merged() throws(YAMLError) -> [String: YAMLNode] {
    guard let members = mapping else { throw wants("a mapping") }
    var merged: [String: YAMLNode] = [:]
    var merges: [YAMLNode] = []
    for member in members {
      if member.name == "<<", member.key.scalar?.isPlain ?? false {
        merges += member.value.sequence ?? [member.value]
      } else {
        merged[member.name] = member.value
      }
    }
    for merge in merges { merged.merge(try merge.merged()) { here, _ in here } }
    return merged
  }

  fileprivate func wants(_ what: String) -> YAMLError { YAMLError(.value, at: place, "\(what) is expected") }

  fileprivate func number<T: LosslessStringConvertible>(_ what: String) throws(YAMLError) -> T {
    guard let scalar, scalar.isPlain, let number = T(scalar.text) else { throw wants(what) }
    return number
  }
}

private struct YAMLNodeDecoder: Decoder {
  var node: YAMLNode
  var codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy: Key.Type) throws -> KeyedDecodingContainer<Key> {
    KeyedDecodingContainer(MappingContainer(node: node, members: try node.merged(), codingPath: codingPath))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard let elements = node.sequence else { throw node.wants("a list") }
    return SequenceContainer(node: node, elements: elements, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer {
    ScalarContainer(node: node, codingPath: codingPath)
  }
}

private struct ScalarContainer: SingleValueDecodingContainer {
  var node: YAMLNode
  var codingPath: [any CodingKey]

  func decodeNil() -> Bool { node.scalar?.isNull ?? false }

  func decode(_: Bool.Type) throws -> Bool {
    guard let scalar = node.scalar, scalar.isPlain, let value = Bool(scalar.text) else {
      throw node.wants("true or false")
    }
    return value
  }

  func decode(_: String.Type) throws -> String {
    guard let text = node.string else { throw node.wants("a text") }
    return text
  }

  func decode(_: Double.Type) throws -> Double { try node.number("a number") }
  func decode(_: Float.Type) throws -> Float { try node.number("a number") }
  func decode(_: Int.Type) throws -> Int { try integer() }
  func decode(_: Int8.Type) throws -> Int8 { try integer() }
  func decode(_: Int16.Type) throws -> Int16 { try integer() }
  func decode(_: Int32.Type) throws -> Int32 { try integer() }
  func decode(_: Int64.Type) throws -> Int64 { try integer() }
  func decode(_: UInt.Type) throws -> UInt { try integer() }
  func decode(_: UInt8.Type) throws -> UInt8 { try integer() }
  func decode(_: UInt16.Type) throws -> UInt16 { try integer() }
  func decode(_: UInt32.Type) throws -> UInt32 { try integer() }
  func decode(_: UInt64.Type) throws -> UInt64 { try integer() }

  func decode<T: Decodable>(_: T.Type) throws -> T { try node.decode(T.self) }

  private func integer<T: FixedWidthInteger & LosslessStringConvertible>() throws -> T {
    try node.number("a whole number from \(T.min) to \(T.max)")
  }
}

private struct MappingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
  var node: YAMLNode
  var members: [String: YAMLNode]
  var codingPath: [any CodingKey]

  var allKeys: [Key] { members.keys.sorted().compactMap(Key.init(stringValue:)) }

  func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

  private func member(_ key: some CodingKey) throws -> YAMLNode {
    guard let member = members[key.stringValue] else {
      throw YAMLError(.value, at: node.place, "this mapping needs '\(key.stringValue)'")
    }
    return member
  }

  private func decoder(_ key: some CodingKey) throws -> YAMLNodeDecoder {
    YAMLNodeDecoder(node: try member(key), codingPath: codingPath + [key])
  }

  func decodeNil(forKey key: Key) throws -> Bool { try member(key).scalar?.isNull ?? false }

  func decode<T: Decodable>(_: T.Type, forKey key: Key) throws -> T { try member(key).decode(T.self) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy _: Nested.Type, forKey key: Key
  ) throws -> KeyedDecodingContainer<Nested> {
    try decoder(key).container(keyedBy: Nested.self)
  }

  func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
    try decoder(key).unkeyedContainer()
  }

  func superDecoder() throws -> any Decoder { YAMLNodeDecoder(node: node, codingPath: codingPath) }
  func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }
}

private struct SequenceContainer: UnkeyedDecodingContainer {
  var node: YAMLNode
  var elements: [YAMLNode]
  var codingPath: [any CodingKey]
  var currentIndex = 0

  var count: Int? { elements.count }
  var isAtEnd: Bool { currentIndex == elements.count }

  private mutating func next() throws -> YAMLNode {
    guard !isAtEnd else { throw YAMLError(.value, at: node.place, "this list needs more elements") }
    defer { currentIndex += 1 }
    return elements[currentIndex]
  }

  mutating func decodeNil() throws -> Bool {
    guard !isAtEnd, elements[currentIndex].scalar?.isNull ?? false else { return false }
    currentIndex += 1
    return true
  }

  mutating func decode<T: Decodable>(_: T.Type) throws -> T {
    // An element that is not what was asked for may be asked for as something else.
    let place = currentIndex
    do { return try next().decode(T.self) } catch {
      currentIndex = place
      throw error
    }
  }

  mutating func nestedContainer<Nested: CodingKey>(keyedBy _: Nested.Type) throws -> KeyedDecodingContainer<Nested> {
    try YAMLNodeDecoder(node: next(), codingPath: codingPath).container(keyedBy: Nested.self)
  }

  mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
    try YAMLNodeDecoder(node: next(), codingPath: codingPath).unkeyedContainer()
  }

  mutating func superDecoder() throws -> any Decoder { YAMLNodeDecoder(node: try next(), codingPath: codingPath) }
}
