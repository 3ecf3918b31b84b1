/// Why an instance doesn't keep its schema: the first fault that was found.
public struct ValidationFailure: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where in the instance, as a JSON Pointer (RFC 6901) from the value that was validated. A missing member points to
  /// the object that lacks it, a member that may not be there to the member.
  public let instancePointer: String
  /// Which keyword of the schema, as a JSON Pointer into its document; with the document's URI and `#` in front when it
  /// is another than the schema's own.
  public let schemaPointer: String
  /// The keyword's name; `$cost` and `$recursion` when ``SchemaLimits`` ended the validation.
  public let keyword: String
  /// One plain clause, with the value shortened where it helps.
  public let message: String

  public init(instancePointer: String, schemaPointer: String, keyword: String, message: String) {
    self.instancePointer = instancePointer
    self.schemaPointer = schemaPointer
    self.keyword = keyword
    self.message = message
  }

  public var description: String {
    "\(instancePointer.isEmpty ? "the document" : instancePointer) \(message) (\(schemaPointer))"
  }
}
