public import CasusNames

extension ExitStatus.Fault {
  /// Of a refusal of the broker, by its number in the table of errors: the 200s are keys, identities and rights.
  public init(refusal code: Int) { self = (200..<300).contains(code) ? .right : .refusal }

  /// Of several events: a right where nothing was accepted and nothing else stood in the way.
  /// - Parameter refusals: how many had each number of the table of errors.
  public init(accepted: UInt64, refusals: [Int: UInt64]) {
    let isOfRights = refusals.keys.allSatisfy { Self(refusal: $0) == .right }
    self = accepted == 0 && isOfRights && !refusals.isEmpty ? .right : .refusal
  }
}
