public import CasusEvents
internal import IJSON
internal import JSONSchema

/// Reads statements out of their payloads' bytes, as strictly as the broker reads events: I-JSON (no member twice, no half
/// surrogate pair, no number that two readers take for two), then the statement's schema, so that nothing in the signed
/// bytes is passed over. One signature, one reading, here and in Python.
public enum StatementReader {
  /// As an event may be.
  static let maximumBytes = 64 << 10

  public static func position(_ bytes: [UInt8]) throws(CaseError) -> PositionStatement {
    try read(PositionStatement.self, bytes, positionSchema)
  }

  public static func decision(_ bytes: [UInt8]) throws(CaseError) -> DecisionStatement {
    try read(DecisionStatement.self, bytes, decisionSchema)
  }

  private typealias Contract = (schema: CompiledSchema, rising: RisingMembers)
  private static let positionSchema = contract("urn:casus:schema:position-statement")
  private static let decisionSchema = contract("urn:casus:schema:decision-statement")

  private static func contract(_ name: String) -> Contract {
    guard let bytes = EventSchemas.shared[name],
      let schema = try? CompiledSchema.compile(bytes, documents: EventSchemas.shared, assertFormats: true)
    else { preconditionFailure("\(name) was built into this program but cannot be compiled") }
    return (schema, RisingMembers(schema: name))
  }

  private static func read<Statement: Decodable>(
    _ type: Statement.Type, _ bytes: [UInt8], _ contract: Contract
  ) throws(CaseError) -> Statement {
    do {
      let document = try JSONDocument(bytes, limits: JSONLimits(maxBytes: maximumBytes))
      let fault = document.read { value in
        contract.schema.validate(value).map { "\($0.instancePointer): \($0.message)" }
          ?? contract.rising.fault(in: value).map { "\($0.pointer): \($0.message)" }
      }
      if let fault { throw CaseError(.statement, "the payload is no \(type): \(fault)") }
      return try document.decode(type)
    } catch let error as CaseError {
      throw error
    } catch {
      throw CaseError(.statement, "the payload is no \(type): \(error)")
    }
  }
}
