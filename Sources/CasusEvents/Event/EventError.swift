/// Why bytes aren't the event that was asked for. Never retriable: the bytes stay as they are.
public struct EventError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong; open, so that a later version can add to it.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Not a CloudEvents 1.0 event in JSON, or an attribute that Casus requires is missing.
    public static let envelope = Code(rawValue: "envelope")
    /// `data` doesn't have the members that its type requires.
    public static let data = Code(rawValue: "data")
    /// The event is of another type than the one asked for.
    public static let type = Code(rawValue: "type")
    /// A draft without an id cannot be written.
    public static let id = Code(rawValue: "id")
    /// A number that JSON cannot hold, such as NaN.
    public static let encoding = Code(rawValue: "encoding")
  }

  public var code: Code
  public var message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(code.rawValue): \(message)" }
}
