/// Why a schema was refused when it was compiled.
public struct SchemaError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The kind of fault. Open: a later version may know more, so a `switch` needs a default.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: String

    public init(rawValue: String) {
      self.rawValue = rawValue
    }

    /// The document isn't I-JSON.
    public static let json = Code(rawValue: "json")
    /// A schema is neither an object nor a boolean, or a keyword's value isn't what the specification allows.
    public static let keyword = Code(rawValue: "keyword")
    /// A regular expression that has no linear-time engine: look-around, back references, or too large.
    public static let pattern = Code(rawValue: "pattern")
    /// A reference leads to nothing that was given.
    public static let reference = Code(rawValue: "reference")
    /// References that lead back to their start without a step into the instance: validation would never end.
    public static let endlessReference = Code(rawValue: "endless-reference")
    /// The same identifier or anchor names two schemas.
    public static let duplicateIdentifier = Code(rawValue: "duplicate-identifier")
    /// A `$schema` other than 2020-12, or one that needs a vocabulary that isn't known here.
    public static let dialect = Code(rawValue: "dialect")
    /// Larger than ``SchemaLimits`` allow.
    public static let limit = Code(rawValue: "limit")
    /// A small document could take more steps than ``SchemaLimits/maxWorstCost`` allows.
    public static let cost = Code(rawValue: "cost")
  }

  public let code: Code
  /// The URI of the document in fault; empty for the schema itself when it has no `$id`.
  public let document: String
  /// The place in that document as a JSON Pointer (RFC 6901).
  public let pointer: String
  public let message: String

  public init(code: Code, document: String, pointer: String, message: String) {
    self.code = code
    self.document = document
    self.pointer = pointer
    self.message = message
  }

  public var description: String {
    var text = "\(code.rawValue): \(message)"
    if !pointer.isEmpty { text += ", in \(pointer)" }
    if !document.isEmpty { text += " of \(document)" }
    return text
  }
}
