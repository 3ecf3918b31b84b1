/// Lets an `Encodable` value fill a node of an `EncodedTree`. Two words, passed on without an allocation.
struct TreeEncoder: Encoder, SingleValueEncodingContainer {
  let tree: EncodedTree
  let node: Int

  var codingPath: [any CodingKey] { tree.path(node) }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    tree.beObject(node)
    return KeyedEncodingContainer(TreeObject(tree: tree, node: node))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    tree.beArray(node)
    return TreeArray(tree: tree, node: node)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { self }

  func encodeNil() { tree.scalar(node) { $0.appendText("null") } }
  func encode(_ value: Bool) { tree.scalar(node) { $0.appendText(value ? "true" : "false") } }
  func encode(_ value: String) { tree.scalar(node) { $0.appendQuoted(value) } }
  func encode(_ value: Double) throws { try number(value) }
  func encode(_ value: Float) throws { try number(value) }
  func encode(_ value: Int) { integer(value) }
  func encode(_ value: Int8) { integer(value) }
  func encode(_ value: Int16) { integer(value) }
  func encode(_ value: Int32) { integer(value) }
  func encode(_ value: Int64) { integer(value) }
  func encode(_ value: UInt) { integer(value) }
  func encode(_ value: UInt8) { integer(value) }
  func encode(_ value: UInt16) { integer(value) }
  func encode(_ value: UInt32) { integer(value) }
  func encode(_ value: UInt64) { integer(value) }
  func encode<T: Encodable>(_ value: T) throws { try value.encode(to: self) }

  private func integer(_ value: some FixedWidthInteger) { tree.scalar(node) { $0.appendDigits(value) } }

  private func number<T: BinaryFloatingPoint & CustomStringConvertible>(_ value: T) throws {
    guard value.isFinite else {
      throw EncodingError.invalidValue(value, .init(codingPath: codingPath, debugDescription: "JSON has no \(value)"))
    }
    tree.scalar(node) { $0.appendShortest(value) }
  }
}

struct TreeObject<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let tree: EncodedTree
  let node: Int

  var codingPath: [any CodingKey] { tree.path(node) }

  private func member(_ key: some CodingKey) -> TreeEncoder {
    TreeEncoder(tree: tree, node: tree.member(key.stringValue, of: node))
  }

  func encodeNil(forKey key: Key) { member(key).encodeNil() }
  func encode(_ value: Bool, forKey key: Key) { member(key).encode(value) }
  func encode(_ value: String, forKey key: Key) { member(key).encode(value) }
  func encode(_ value: Double, forKey key: Key) throws { try member(key).encode(value) }
  func encode(_ value: Int, forKey key: Key) { member(key).encode(value) }
  func encode<T: Encodable>(_ value: T, forKey key: Key) throws { try value.encode(to: member(key)) }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    member(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer { member(key).unkeyedContainer() }
  func superEncoder() -> any Encoder { member(TapeKey(stringValue: "super")) }
  func superEncoder(forKey key: Key) -> any Encoder { member(key) }
}

struct TreeArray: UnkeyedEncodingContainer {
  let tree: EncodedTree
  let node: Int

  var codingPath: [any CodingKey] { tree.path(node) }
  var count: Int { tree.count(node) }

  private func element() -> TreeEncoder { TreeEncoder(tree: tree, node: tree.element(of: node)) }

  func encodeNil() { element().encodeNil() }
  func encode(_ value: String) { element().encode(value) }
  func encode(_ value: Double) throws { try element().encode(value) }
  func encode(_ value: Int) { element().encode(value) }
  func encode<T: Encodable>(_ value: T) throws { try value.encode(to: element()) }

  func nestedContainer<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    element().container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { element().unkeyedContainer() }
  func superEncoder() -> any Encoder { element() }
}
