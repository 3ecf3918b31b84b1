public import CasusNames

extension ExitStatus.Fault {
  /// Of a refusal of the broker, by its number in the table of errors: the 200s are keys, identities and rights.
  public init(refusal code: Int) { self = (200..<300).contains(code) ? .right : .refusal }
}
