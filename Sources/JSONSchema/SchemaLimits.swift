/// What a schema and a validation may cost. The defaults keep every validation of a document of up to 1 MiB under 50 ms
/// on a machine of 2020: the costliest pairs known take 9 ms (`Tests/Benchmarks/CONTRACTS.md`).
///
/// A step is about 20 ns: one for each subschema entered, each member or element looked at, and each 16 bytes compared; four
/// for a value hashed (`uniqueItems`), eight for a `multipleOf`; a small regular expression takes one for 8 bytes of the
/// text, one that needs RE2 a quarter of its program's size for each byte.
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
  /// The steps one validation may take, however large the document is. A validation that would take more fails with the
  /// keyword `$cost`.
  public var maxCost = 400_000
  /// The steps that every document may take, where its size is known.
  public var baseCost = 65_536
  /// And as many more for each of its bytes.
  public var costPerByte = 4
  /// The steps for each byte that the costliest document could take, worked out when the schema is compiled: a schema for
  /// which it is more is refused. Nil: nobody works it out. See ``CompiledSchema/worstCost``.
  public var maxWorstCost: Double?

  public init() {}

  /// For the schema of somebody who is not trusted: less of everything, and its worst case is judged before its first document.
  public static let untrusted: SchemaLimits = {
    var limits = SchemaLimits()
    limits.maxBytes = 1 << 16
    limits.maxSchemas = 2_000
    limits.maxPatterns = 100
    limits.maxPatternBytes = 1 << 18
    limits.maxCost = 100_000
    limits.baseCost = 8_192
    limits.costPerByte = 1
    limits.maxWorstCost = 1_000
    return limits
  }()

  /// The steps that a document of so many bytes may take.
  @inline(__always)
  func allowance(_ bytes: Int) -> Int { min(maxCost, baseCost + min(bytes, maxCost) * costPerByte) }
}
