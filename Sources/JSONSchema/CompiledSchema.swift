public import IJSON

/// A JSON Schema (draft 2020-12), compiled once and run over parsed documents in place.
///
/// All of the core, applicator, unevaluated and validation vocabularies; `format` is an annotation unless asserted;
/// unknown keywords are annotations. `pattern` is ECMA-262 as far as it can be matched in linear time (RE2): look-around
/// and back references are refused when the schema is compiled. Nothing is fetched: a reference leads to the schema
/// itself, to `documents` or to 2020-12's meta-schemas, or is refused.
///
/// A validation allocates nothing when the document is valid, but for `uniqueItems` on more than 32 elements and for
/// `unevaluatedProperties` or `unevaluatedItems` on thousands. Thread-safe.
public final class CompiledSchema: Sendable {
  private let program: Program
  private let places: [Compiler.Place]
  private let limits: SchemaLimits
  /// The steps for each byte of a document that the costliest document takes at most; nil when it was not asked for
  /// (``SchemaLimits/maxWorstCost``). Not counted is the comparison of two equal objects whose members stand in another order.
  public let worstCost: Double?

  private init(_ program: Program, _ places: [Compiler.Place], _ limits: SchemaLimits, _ worstCost: Double?) {
    self.program = program
    self.places = places
    self.limits = limits
    self.worstCost = worstCost
  }

  deinit {
    program.destroy()
  }

  /// Compiles a schema and those it refers to.
  ///
  /// - Parameters:
  ///   - bytes: the schema, in I-JSON.
  ///   - documents: others that it may refer to, by the URI they are known under; each may have an `$id` besides.
  ///   - assertFormats: whether `format` judges: `date-time`, `date`, `time`, `duration`, `uri`, `uri-reference`,
  ///     `uuid`, `ipv4`, `ipv6` and `json-pointer`. Any other format stays an annotation.
  public static func compile(
    _ bytes: [UInt8], documents: [String: [UInt8]] = [:], assertFormats: Bool = false, limits: SchemaLimits = .init()
  ) throws(SchemaError) -> CompiledSchema {
    let registry = Registry(documents, limits: limits)
    let resource = try registry.load(bytes, uri: "")
    var compiler = Compiler(registry, assertFormats: assertFormats, limits: limits)
    let program = try compiler.compile(resource: resource)
    do throws(SchemaError) {
      var worst: Double?
      if let most = limits.maxWorstCost {
        worst = try WorstCost.judge(program, origins: compiler.origins, most: most)
      }
      program.vouchForNames(limits)
      return CompiledSchema(program, compiler.places, limits, worst)
    } catch {
      program.destroy()
      throw error
    }
  }

  /// The first fault of a value; nil when it keeps the schema.
  public func validate(_ value: JSONValue) -> ValidationFailure? {
    var steps = 0
    return validate(value, bytes: limits.maxCost, steps: &steps)
  }

  /// The first fault of a value in a document of so many bytes, and how many steps it took to find it or none.
  public func validate(_ value: JSONValue, bytes: Int, steps: inout Int) -> ValidationFailure? {
    let most = limits.allowance(bytes)
    // Both on the stack: 512 bytes each, or nothing where the schema has no use for it.
    return withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 64) { marks in
      withUnsafeTemporaryAllocation(
        of: UInt16.self, capacity: program.usesDynamicScope ? limits.maxRecursion : 1
      ) { scope in
        var evaluator = Evaluator(program, value, limits: limits, steps: most, marks: marks, scope: scope)
        let isValid = evaluator.check(program.root, value.index, MarkStack.nowhere)
        evaluator.marks.release()
        steps = evaluator.stopped == nil ? most - evaluator.fuel : most
        if isValid, evaluator.stopped == nil { return nil }
        let fault = evaluator.stopped ?? evaluator.fault
        return FailureReport(program: program, places: places, limits: limits, steps: most, root: value).failure(fault)
      }
    }
  }
}
