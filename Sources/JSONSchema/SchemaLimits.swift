/// What a schema and a validation may cost. The defaults keep every validation of a document of up to 1 MiB under 50 ms
/// on a machine of 2020: the costliest pairs known take 9 ms (`Tests/Benchmarks/CONTRACTS.md`).
public struct SchemaLimits: Sendable, Hashable {
  /// The largest schema document, in bytes.
  public var maxBytes = 1 << 18
  /// How deep a schema document may nest.
  public var maxDepth = 128
  /// How many subschemas may be compiled, those of referenced documents among them.
  public var maxSchemas = 10_000
  /// How many subschemas may be entered within each other, references and the instance's depth counted together.
  public var maxRecursion = 512
  /// How many different regular expressions may be compiled.
  public var maxPatterns = 1000
  /// The memory one regular expression may take, in bytes.
  public var maxPatternBytes = 1 << 20
  /// The steps one validation may take: about one for each subschema entered, each member or element looked at, and each
  /// 16 bytes compared; four for a value hashed (`uniqueItems`), eight for a `multipleOf`; a small regular expression takes one for 8 bytes of the text, one that needs RE2 a quarter of its
  /// program's size for each byte. A validation that would take more fails with the keyword `$cost`.
  public var maxCost = 400_000

  public init() {}
}
