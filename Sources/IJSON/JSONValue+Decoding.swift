extension JSONValue {
  /// The value as a type.
  ///
  /// Throws ``JSONError`` with the JSON Pointer of what is missing or of the wrong kind; an error that the type itself throws
  /// is handed on as it is. Costs no more allocations than the type's own: the tape is read in place.
  public func decode<T: Decodable>(_ type: T.Type) throws -> T {
    do {
      return try T(from: TapeDecoder(value: self))
    } catch let error as DecodingError {
      throw JSONError(error)
    }
  }
}

extension JSONDocument {
  /// The document as a type; see ``JSONValue/decode(_:)``.
  public func decode<T: Decodable>(_ type: T.Type) throws -> T { try read { try $0.decode(type) } }
}

extension JSONError {
  init(_ error: DecodingError) {
    switch error {
    case .keyNotFound(let key, let context): self.init(.missing, context, key, "is missing")
    case .valueNotFound(_, let context): self.init(.kind, context, nil, context.debugDescription)
    case .typeMismatch(_, let context): self.init(.kind, context, nil, context.debugDescription)
    case .dataCorrupted(let context): self.init(.value, context, nil, context.debugDescription)
    @unknown default: self.init(code: .value, message: "\(error)")
    }
  }

  private init(_ code: Code, _ context: DecodingError.Context, _ last: (any CodingKey)?, _ message: String) {
    let pointer = JSONPointer(context.codingPath + (last.map { [$0] } ?? []))
    self.init(code: code, pointer: pointer.text, message: message)
  }
}

extension JSONValue.Kind {
  /// `a string`, for messages.
  var name: String {
    switch self {
    case .null: "null"
    case .boolean: "true or false"
    case .integer, .double: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}
