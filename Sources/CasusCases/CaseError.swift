/// Why something about a case cannot be done. Never retriable with the same inputs.
public struct CaseError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong; open, so that a later version can add to it.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The policy contradicts itself, or the case names another one.
    public static let policy = Code(rawValue: "policy")
    /// No case or incident of that name is in the journal.
    public static let unknown = Code(rawValue: "unknown")
    /// A case of that name is open already.
    public static let exists = Code(rawValue: "exists")
    /// The evidence cannot be listed: the journal isn't complete, or there is none.
    public static let evidence = Code(rawValue: "evidence")
    /// An index says something else than the journal: it has to be made again.
    public static let index = Code(rawValue: "index")
    /// A key doesn't sign for that party.
    public static let key = Code(rawValue: "key")
    /// The statement says something that it may not.
    public static let statement = Code(rawValue: "statement")
  }

  public var code: Code
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(code.rawValue): \(message)" }
}
