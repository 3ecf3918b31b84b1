/// What is wrong with a file, and where; the one error type of this module.
public struct MCAPError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble; new kinds may be added.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The file does not begin or end with MCAP's eight magic bytes.
    public static let notMCAP = Code(rawValue: "not-mcap")
    /// A length points beyond the bytes that are there: the file was cut, or the length is wrong.
    public static let truncated = Code(rawValue: "truncated")
    /// A checksum differs from its bytes.
    public static let checksum = Code(rawValue: "checksum")
    /// A record's contents contradict the format.
    public static let malformed = Code(rawValue: "malformed")
    /// A record is larger than the reader was told to accept.
    public static let limit = Code(rawValue: "limit")
    /// Right by the format, but not readable here: an unknown compression.
    public static let unsupported = Code(rawValue: "unsupported")
    /// The operating system refused; `errno` says why.
    public static let io = Code(rawValue: "io")
  }

  public var code: Code
  /// Where in the file, in bytes, when known.
  public var offset: UInt64?
  /// The system's error number when `code` is `.io`.
  public var errno: Int32?
  public var message: String

  public init(_ code: Code, at offset: UInt64? = nil, errno: Int32? = nil, _ message: String) {
    self.code = code
    self.offset = offset
    self.errno = errno
    self.message = message
  }

  public var description: String {
    let place = offset.map { " at byte \($0)" } ?? ""
    let number = errno.map { " (errno \($0))" } ?? ""
    return "\(code.rawValue)\(place): \(message)\(number)"
  }
}
