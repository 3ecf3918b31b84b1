/// Why a text was refused.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of fault. Open: a later version may know more, so a `switch` needs a default.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// Not JSON (RFC 8259).
    public static let syntax = Code(rawValue: "syntax")
    public static let byteOrderMark = Code(rawValue: "byte-order-mark")
    public static let invalidUTF8 = Code(rawValue: "invalid-utf8")
    /// Two members of one object have the same name after unescaping, compared as bytes.
    public static let duplicateKey = Code(rawValue: "duplicate-key")
    /// An escape names half of a UTF-16 pair.
    public static let loneSurrogate = Code(rawValue: "lone-surrogate")
    /// A code point that Unicode keeps for no character (U+FDD0–U+FDEF, U+xxFFFE, U+xxFFFF), plain or escaped.
    public static let noncharacter = Code(rawValue: "noncharacter")
    /// See ``JSONLimits/NumberRule``.
    public static let numberRange = Code(rawValue: "number-range")
    /// Deeper than ``JSONLimits/maxDepth``.
    public static let depth = Code(rawValue: "depth")
    /// Larger than ``JSONLimits/maxBytes``.
    public static let size = Code(rawValue: "size")
    /// A value has no member of this name, though its type requires it.
    public static let missing = Code(rawValue: "missing")
    /// A value is of another kind than its type requires: a string, say, instead of a number.
    public static let kind = Code(rawValue: "kind")
    /// A value of the right kind that its type does not take.
    public static let value = Code(rawValue: "value")
    /// No memory for the parser's buffers.
    public static let memory = Code(rawValue: "memory")
  }

  public let code: Code
  /// The byte at which the fault shows, from 0, where known.
  public let offset: Int?
  /// The value or member in fault as a JSON Pointer (RFC 6901), where known. A fault between values points to the
  /// one before it or to what contains it.
  public let pointer: String?
  /// One plain clause without offset and pointer.
  public let message: String

  public init(code: Code, offset: Int? = nil, pointer: String? = nil, message: String) {
    self.code = code
    self.offset = offset
    self.pointer = pointer
    self.message = message
  }

  public var description: String {
    var text = "\(code.rawValue): \(message)"
    if let offset { text += ", at byte \(offset)" }
    if let pointer, !pointer.isEmpty { text += ", in \(pointer)" }
    return text
  }
}
