extension JSONWriter {
  /// Writes an `Encodable` value, the same bytes for equal values: members sorted by the bytes of their names in UTF-8, no
  /// white space, `/` not escaped, numbers with the fewest digits that read back as the same one (`1`, not `1.0`).
  ///
  /// Not RFC 8785, which sorts by UTF-16 and writes exponents otherwise. Throws ``JSONError`` (`value`) with the place of a
  /// number that JSON does not have (an infinity, NaN); an error that the value itself throws is handed on as it is.
  public mutating func encode(_ value: some Encodable) throws {
    let tree = EncodedTree()
    do {
      try value.encode(to: TreeEncoder(tree: tree, node: 0))
    } catch let error as EncodingError {
      throw JSONError(error)
    }
    write { tree.write(into: &$0) }
  }
}

extension JSONError {
  fileprivate init(_ error: EncodingError) {
    guard case .invalidValue(_, let context) = error else {
      self.init(code: .value, message: "\(error)")
      return
    }
    self.init(code: .value, pointer: JSONPointer(context.codingPath).text, message: context.debugDescription)
  }
}
