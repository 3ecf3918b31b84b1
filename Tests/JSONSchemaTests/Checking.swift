import IJSON
import JSONSchema

/// What a schema says of an instance: nil when it keeps the schema.
func failure(
  _ schema: String, _ instance: String, documents: [String: String] = [:], assertFormats: Bool = false,
  limits: SchemaLimits = .init()
) throws -> ValidationFailure? {
  let compiled = try CompiledSchema.compile(
    Array(schema.utf8), documents: documents.mapValues { Array($0.utf8) }, assertFormats: assertFormats,
    limits: limits)
  return try compiled.failure(of: instance)
}

extension CompiledSchema {
  func failure(of instance: String) throws -> ValidationFailure? {
    let parser = JSONParser(limits: .init(maxBytes: 1 << 24, maxDepth: 200_000, numbers: .binary64))
    return validate(try parser.parse(Array(instance.utf8)))
  }
}

/// Why a schema is refused: nil when it compiles.
func refusal(
  _ schema: String, documents: [String: String] = [:], limits: SchemaLimits = .init()
) -> SchemaError? {
  do {
    _ = try CompiledSchema.compile(
      Array(schema.utf8), documents: documents.mapValues { Array($0.utf8) }, limits: limits)
    return nil
  } catch {
    return error
  }
}
