internal import IJSON

/// The schema object that is being compiled: reads its keywords and checks that their values are what they must be.
struct SchemaScope {
  let document: SchemaDocument
  let value: JSONValue
  let resource: Int
  let pointer: JSONPointer
  let vocabulary: Vocabulary
  let node: UInt32

  func fault(_ message: String, _ keyword: String? = nil, code: SchemaError.Code = .keyword) -> SchemaError {
    var pointer = pointer
    if let keyword { pointer.append(name: keyword) }
    return SchemaError(code: code, document: document.uri, pointer: pointer.text, message: message)
  }

  /// The value of a keyword that the schema has and its dialect knows.
  func keyword(_ name: StaticString, _ vocabulary: Vocabulary) -> JSONValue? {
    self.vocabulary.contains(vocabulary) ? value[name] : nil
  }

  func pointer(_ keyword: StaticString) -> JSONPointer {
    var pointer = pointer
    pointer.append(name: UnsafeBufferPointer(start: keyword.utf8Start, count: keyword.utf8CodeUnitCount))
    return pointer
  }

  func string(_ name: StaticString, _ vocabulary: Vocabulary) throws(SchemaError) -> String? {
    guard let value = keyword(name, vocabulary) else { return nil }
    guard let text = value.string else { throw fault("a string is expected", name.description) }
    return text
  }

  func boolean(_ name: StaticString, _ vocabulary: Vocabulary) throws(SchemaError) -> Bool? {
    guard let value = keyword(name, vocabulary) else { return nil }
    guard let flag = value.bool else { throw fault("a boolean is expected", name.description) }
    return flag
  }

  func number(_ name: StaticString) throws(SchemaError) -> JSONNumber? {
    guard let value = keyword(name, .validation) else { return nil }
    guard value.kind == .integer || value.kind == .double else {
      throw fault("a number is expected", name.description)
    }
    return JSONNumber(kind: Tape.kind(value.tape[value.index]), bits: value.tape[value.index + 1])
  }

  /// A whole number from zero up; one beyond what any instance can have is cut to that.
  func count(_ name: StaticString) throws(SchemaError) -> UInt32? {
    guard let value = keyword(name, .validation) else { return nil }
    if let count = value.uint64 { return UInt32(min(count, UInt64(UInt32.max - 1))) }
    if let large = value.double, large >= 0, large == large.rounded() { return UInt32.max - 1 }
    throw fault("a whole number from zero up is expected", name.description)
  }

  func array(_ name: StaticString, _ vocabulary: Vocabulary) throws(SchemaError) -> JSONValue? {
    guard let value = keyword(name, vocabulary) else { return nil }
    guard value.kind == .array else { throw fault("an array is expected", name.description) }
    return value
  }

  func object(_ name: StaticString, _ vocabulary: Vocabulary) throws(SchemaError) -> JSONValue? {
    guard let value = keyword(name, vocabulary) else { return nil }
    guard value.kind == .object else { throw fault("an object is expected", name.description) }
    return value
  }

  /// An array of different strings.
  func names(_ value: JSONValue, _ keyword: String) throws(SchemaError) -> [[UInt8]] {
    guard value.kind == .array else { throw fault("an array of strings is expected", keyword) }
    var names: [[UInt8]] = []
    for element in value.elements {
      guard let name = element.utf8 else { throw fault("an array of strings is expected", keyword) }
      names.append(Array(name))
    }
    guard Set(names).count == names.count else { throw fault("the names must differ", keyword) }
    return names
  }
}
