internal import CasusEvents

/// Reads a statement out of its payload's bytes.
func decodeStatement<Statement: Decodable>(_ type: Statement.Type, _ bytes: [UInt8]) throws(CaseError) -> Statement {
  do {
    return try readJSON(type, bytes)
  } catch {
    throw CaseError(.statement, "the payload is no \(type): \(error)")
  }
}
