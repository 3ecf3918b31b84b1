/// Why an index cannot be used. Never the journal's fault: what an index says can be had without one.
public struct IndexError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong; open, so that a later version can add to it.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// It is not as it was written, or says another thing than the journal: it has to be made again.
    public static let damaged = Code(rawValue: "damaged")
    /// Its folder cannot be made, or is not this user's alone.
    public static let folder = Code(rawValue: "folder")
    /// Another process has made it again meanwhile.
    public static let remade = Code(rawValue: "remade")
    /// Nothing of that name is in it.
    public static let unknown = Code(rawValue: "unknown")
  }

  public var code: Code
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(code.rawValue): \(message)" }
}
