/// Why a launch could not begin: one line for people and the exit code that goes with it (`sysexits.h`).
public struct LaunchError: Error, Hashable, CustomStringConvertible {
  /// An exit code; more may come.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public var rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    public static let noInput = Code(rawValue: 66)
    public static let system = Code(rawValue: 71)
    public static let cannotCreate = Code(rawValue: 73)
    /// Another launcher has the home.
    public static let inUse = Code(rawValue: 75)
    public static let key = Code(rawValue: 77)
    public static let configuration = Code(rawValue: 78)
  }

  public var code: Code
  public var description: String

  public init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
