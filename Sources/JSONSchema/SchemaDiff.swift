/// A difference between two versions of a schema.
public struct SchemaChange: Hashable, Sendable, CustomStringConvertible {
  /// The keyword that changed, as a JSON Pointer into the new schema's document (into the old one's, at the same place,
  /// when the keyword is gone); with the document's URI and `#` in front when it is another than the schema's own.
  public let pointer: String
  public let keyword: String
  /// One plain clause: what it was and what it is.
  public let message: String
  /// The new schema accepts what the old one refused, so a reader made for the old one may meet what it doesn't know.
  public let breaksReaders: Bool
  /// The new schema refuses what the old one accepted, so a writer made for the old one may be refused.
  public let breaksWriters: Bool

  public init(pointer: String, keyword: String, message: String, breaksReaders: Bool, breaksWriters: Bool) {
    self.pointer = pointer
    self.keyword = keyword
    self.message = message
    self.breaksReaders = breaksReaders
    self.breaksWriters = breaksWriters
  }

  public var description: String {
    let effect =
      switch (breaksReaders, breaksWriters) {
      case (true, true): "breaks readers and writers"
      case (true, false): "breaks readers"
      case (false, true): "breaks writers"
      case (false, false): "breaks nothing"
      }
    return "\(pointer.isEmpty ? "the schema" : pointer): \(message) (\(effect))"
  }
}

/// Compares two versions of a schema: whether what was agreed still holds.
///
/// Every pair of subschemas that apply to the same values is compared, through references. It errs on the safe side: a
/// change whose effect can't be told from the schemas alone (a different `pattern`, a condition, an alternative of a
/// `oneOf`) counts as breaking both readers and writers. One rule isn't of set theory: a reader ignores members that it
/// doesn't know, so a new optional member, or an object that was closed and is open, breaks nobody. Annotations
/// (`title`, `description`, …) are not compared.
///
/// Pure; time is proportional to the schemas' size, times the product of two `enum`s' lengths.
public enum SchemaDiff {
  /// All changes, outermost first. Empty when the two mean the same as far as can be told.
  ///
  /// - Parameters:
  ///   - oldDocuments: what the old schema may refer to, by URI, as for ``CompiledSchema/compile(_:documents:assertFormats:limits:)``.
  ///   - newDocuments: what the new one may refer to.
  public static func changes(
    from old: [UInt8], to new: [UInt8], oldDocuments: [String: [UInt8]] = [:],
    newDocuments: [String: [UInt8]] = [:], limits: SchemaLimits = .init()
  ) throws(SchemaError) -> [SchemaChange] {
    // What doesn't compile has no meaning to compare.
    _ = try CompiledSchema.compile(old, documents: oldDocuments, limits: limits)
    _ = try CompiledSchema.compile(new, documents: newDocuments, limits: limits)
    let before = Registry(oldDocuments, limits: limits)
    let after = Registry(newDocuments, limits: limits)
    let start = SchemaComparison.Pair(
      old: .init(registry: before, resource: try before.load(old, uri: "")),
      new: .init(registry: after, resource: try after.load(new, uri: "")))
    var comparison = SchemaComparison(start)
    try comparison.run()
    return comparison.changes
  }

  /// Whether a change may go under the same version: no reader and no writer of the old schema breaks.
  public static func isCompatible(_ changes: [SchemaChange]) -> Bool {
    !changes.contains { $0.breaksReaders || $0.breaksWriters }
  }
}
