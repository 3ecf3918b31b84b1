/// What went wrong with a capture or a replay; the one error type of this module.
public struct CaptureError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of trouble; new kinds may be added.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// There is no such file or folder, or it cannot be read.
    public static let io = Code(rawValue: "io")
    /// A capture cannot be made there, or something of that name exists.
    public static let cannotCreate = Code(rawValue: "cannot-create")
    /// The disk refused to write, or is full.
    public static let write = Code(rawValue: "write")
    /// The file is not MCAP, or holds something else than events.
    public static let format = Code(rawValue: "format")
    /// The bytes are not what was written.
    public static let damaged = Code(rawValue: "damaged")
    /// An option makes no sense.
    public static let usage = Code(rawValue: "usage")
  }

  public var code: Code
  public var file: String
  /// Where in the file, in bytes, when known.
  public var offset: UInt64?
  public var message: String

  public init(_ code: Code, file: String = "", offset: UInt64? = nil, _ message: String) {
    self.code = code
    self.file = file
    self.offset = offset
    self.message = message
  }

  public var description: String {
    let place = offset.map { ", byte \($0)" } ?? ""
    return file.isEmpty ? message : "\(file)\(place): \(message)"
  }
}
