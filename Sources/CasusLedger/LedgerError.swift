/// Why something about keys, signatures or proofs cannot be done or believed. Never retriable.
public struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong; open, so that a later version can add to it.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A key, or a file that should hold one, is not what it should be.
    public static let key = Code(rawValue: "key")
    /// A key file can be read or written by others.
    public static let keyFileMode = Code(rawValue: "key-file-mode")
    /// A key file cannot be opened, read or written.
    public static let keyFile = Code(rawValue: "key-file")
    /// libcrypto failed.
    public static let crypto = Code(rawValue: "crypto")
    /// An envelope's base64 or its type is broken.
    public static let envelope = Code(rawValue: "envelope")
    /// Fewer valid signatures of trusted keys than asked for.
    public static let threshold = Code(rawValue: "threshold")
    /// A threshold below 1, or above the number of trusted keys.
    public static let policy = Code(rawValue: "policy")
    /// A journal's events are missing, and none of its events names them as lost; or they do not come in order.
    public static let gap = Code(rawValue: "gap")
    /// A snapshot has no events, too many, or one that its journal doesn't hold.
    public static let snapshot = Code(rawValue: "snapshot")
    /// A text is no checkpoint.
    public static let checkpoint = Code(rawValue: "checkpoint")
    /// A proof was asked for a place outside the tree.
    public static let range = Code(rawValue: "range")
  }

  public var code: Code
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(code.rawValue): \(message)" }
}
