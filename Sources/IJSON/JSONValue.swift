/// A value of a parsed document: 16 bytes that point into the parser's buffers; nothing is copied until asked for.
///
/// Valid until the next parse or the end of its ``JSONParser``; a debug build traps on a value that outlived a parse.
/// After the parser's end it points to freed memory, as an unsafe pointer would. Not for other threads. Reading a member by name is linear in the object's members.
public struct JSONValue {
  public enum Kind: Sendable, Hashable {
    /// `integer` is a number that is written without fraction and exponent; any other is `double`.
    case null, boolean, integer, double, string, array, object
  }

  @usableFromInline let view: UnsafePointer<TapeView>
  @usableFromInline let position: UInt32
  @usableFromInline let generation: UInt32

  @inlinable
  init(view: UnsafePointer<TapeView>, position: UInt32, generation: UInt32) {
    self.view = view
    self.position = position
    self.generation = generation
  }

  /// The document's tape, for those who walk it themselves (CSimdjson.h draws it).
  @inlinable
  package var tape: UnsafePointer<UInt64> {
    assert(view.pointee.generation == generation, "a JSONValue outlived its document")
    return view.pointee.tape
  }

  @inlinable
  package var strings: UnsafePointer<UInt8> { view.pointee.strings }

  /// Where on the tape the value stands.
  @inlinable
  package var index: Int { Int(position) }

  @inlinable
  package var word: UInt64 { tape[index] }

  @inlinable
  package func at(_ index: Int) -> JSONValue {
    JSONValue(view: view, position: UInt32(truncatingIfNeeded: index), generation: generation)
  }

  @inlinable
  public var kind: Kind {
    switch Tape.kind(word) {
    case Tape.object: .object
    case Tape.array: .array
    case Tape.string: .string
    case Tape.int64, Tape.uint64: .integer
    case Tape.double: .double
    case Tape.yes, Tape.no: .boolean
    default: .null
    }
  }

  @inlinable
  public var isNull: Bool { Tape.kind(word) == Tape.null }

  /// Nil when it isn't `true` or `false`.
  @inlinable
  public var bool: Bool? {
    switch Tape.kind(word) {
    case Tape.yes: true
    case Tape.no: false
    default: nil
    }
  }

  /// The number, when it is a whole one within Int64, however it is written: `1.0` and `1e2` are.
  @inlinable
  public var int64: Int64? {
    switch Tape.kind(word) {
    case Tape.int64: Int64(bitPattern: tape[index + 1])
    case Tape.double: Int64(exactly: Double(bitPattern: tape[index + 1]))
    default: nil
    }
  }

  /// The number, when it is a whole one within UInt64, however it is written.
  @inlinable
  public var uint64: UInt64? {
    switch Tape.kind(word) {
    case Tape.int64: UInt64(exactly: Int64(bitPattern: tape[index + 1]))
    case Tape.uint64: tape[index + 1]
    case Tape.double: UInt64(exactly: Double(bitPattern: tape[index + 1]))
    default: nil
    }
  }

  /// Any number, rounded to the nearest double; exact under ``JSONLimits/NumberRule/interoperable`` for integers.
  @inlinable
  public var double: Double? {
    switch Tape.kind(word) {
    case Tape.int64: Double(Int64(bitPattern: tape[index + 1]))
    case Tape.uint64: Double(tape[index + 1])
    case Tape.double: Double(bitPattern: tape[index + 1])
    default: nil
    }
  }

  /// The string's unescaped bytes in place; nil when it isn't a string.
  @inlinable
  public var utf8: UnsafeBufferPointer<UInt8>? {
    let word = self.word
    return Tape.kind(word) == Tape.string ? Tape.utf8(word, view.pointee.strings) : nil
  }

  /// Calls `body` with the string's unescaped bytes in place; nil when it isn't a string.
  @inlinable
  public func withUTF8<R>(_ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R? {
    guard let utf8 else { return nil }
    return try body(utf8)
  }

  /// A copy of the string; nil when it isn't one.
  @inlinable
  public var string: String? {
    guard let utf8 else { return nil }
    return String(decoding: utf8, as: UTF8.self)
  }

  /// Whether it is a string of exactly these bytes. Copies nothing.
  @inlinable
  public func isString(_ text: StaticString) -> Bool {
    guard let utf8, utf8.count == text.utf8CodeUnitCount else { return false }
    return sameBytes(utf8, text.utf8Start)
  }
}
