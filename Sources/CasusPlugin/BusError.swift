/// Why something about the bus did not work: an open code, words for people, and whether to try again.
public struct BusError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What went wrong; open, so that a later version can add to it.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Environment, key file, endpoint or settings are missing or wrong.
    public static let configuration = Code(rawValue: "configuration")
    /// A key file or a settings file is not there, or cannot be read.
    public static let missingFile = Code(rawValue: "missing-file")
    /// Others may read the key file, or it is another user's.
    public static let openKeyFile = Code(rawValue: "open-key-file")
    /// The program was called with arguments that it does not take.
    public static let usage = Code(rawValue: "usage")
    /// No broker answered for as long as the connection was to try.
    public static let unreachable = Code(rawValue: "unreachable")
    /// The broker does not let this key in, or took it out of its registry.
    public static let keyRefused = Code(rawValue: "key-refused")
    /// Another process with the same identity took this one's place.
    public static let superseded = Code(rawValue: "superseded")
    /// The broker refused a command; `wire` says which error it named.
    public static let refused = Code(rawValue: "refused")
    /// The broker and this program do not speak the same protocol.
    public static let protocolMismatch = Code(rawValue: "protocol-mismatch")
    /// The journal is not the one that this process began with: what it has worked out so far rests on another.
    public static let journalReplaced = Code(rawValue: "journal-replaced")
    /// The outbox file did not take events: its disk is full or failed.
    public static let outbox = Code(rawValue: "outbox")
    /// The bus was closed.
    public static let closed = Code(rawValue: "closed")
  }

  public var code: Code
  public var message: String
  /// The number of the wire's error table for `.refused`, else nil.
  public var wire: Int?

  public init(_ code: Code, _ message: String, wire: Int? = nil) {
    self.code = code
    self.message = message
    self.wire = wire
  }

  /// Whether the same may work later without a change by an operator.
  public var isRetriable: Bool { code == .unreachable || code == .journalReplaced }

  public var description: String { message }
}
