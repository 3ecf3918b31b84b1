/// Reads `Decodable` types off a tape. Two words, so that it fits where a decoder is passed on without an allocation; where it
/// is in the document follows from the tape, and is looked up only for an error.
struct TapeDecoder: Decoder, SingleValueDecodingContainer {
  let value: JSONValue

  var codingPath: [any CodingKey] { value.steps }
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
    guard value.kind == .object else { throw value.mismatch("an object", [String: Any].self) }
    return KeyedDecodingContainer(TapeObject(value))
  }

  func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
    guard value.kind == .array else { throw value.mismatch("an array", [Any].self) }
    return TapeArray(value)
  }

  func singleValueContainer() -> any SingleValueDecodingContainer { self }

  func decodeNil() -> Bool { value.isNull }
  func decode(_ type: Bool.Type) throws -> Bool { try value.scalar(value.bool, "true or false") }
  func decode(_ type: String.Type) throws -> String { try value.scalar(value.string, "a string") }
  func decode(_ type: Double.Type) throws -> Double { try value.scalar(value.double, "a number") }
  func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
  func decode(_ type: Int.Type) throws -> Int { try value.integer() }
  func decode(_ type: Int8.Type) throws -> Int8 { try value.integer() }
  func decode(_ type: Int16.Type) throws -> Int16 { try value.integer() }
  func decode(_ type: Int32.Type) throws -> Int32 { try value.integer() }
  func decode(_ type: Int64.Type) throws -> Int64 { try value.integer() }
  func decode(_ type: UInt.Type) throws -> UInt { try value.integer() }
  func decode(_ type: UInt8.Type) throws -> UInt8 { try value.integer() }
  func decode(_ type: UInt16.Type) throws -> UInt16 { try value.integer() }
  func decode(_ type: UInt32.Type) throws -> UInt32 { try value.integer() }
  func decode(_ type: UInt64.Type) throws -> UInt64 { try value.integer() }
  func decode<T: Decodable>(_ type: T.Type) throws -> T { try T(from: self) }
}

extension JSONValue {
  @inline(__always)
  func scalar<T>(_ found: T?, _ wanted: StaticString) throws -> T {
    guard let found else { throw mismatch("\(wanted)", T.self) }
    return found
  }

  func integer<T: FixedWidthInteger>() throws -> T {
    if let number = int64 {
      if let fitting = T(exactly: number) { return fitting }
    } else if let number = uint64 {
      if let fitting = T(exactly: number) { return fitting }
    } else {
      throw mismatch("a whole number", T.self)
    }
    throw DecodingError.dataCorrupted(
      .init(codingPath: steps, debugDescription: "must be a whole number from \(T.min) to \(T.max)"))
  }

  func mismatch(_ wanted: String, _ type: Any.Type) -> DecodingError {
    .typeMismatch(type, .init(codingPath: steps, debugDescription: "must be \(wanted), not \(kind.name)"))
  }
}
