/// What was found when a journal was opened, for the log and for people.
public struct RecoveryReport: Hashable, Sendable {
  /// Bytes behind the last whole commit, which a crash left there.
  public struct Cut: Hashable, Sendable {
    public var file: String
    /// Where the file ends now.
    public var offset: UInt64
    public var bytes: UInt64
    /// How many events of an unfinished commit could be counted in them; they were never acknowledged.
    public var events: Int
    public var reason: String
  }

  public var segments = 0
  /// First and last sequence; 0 when there is none.
  public var first: UInt64 = 0
  public var last: UInt64 = 0
  public var cuts: [Cut] = []
  /// Other things that were put right: a half-made segment that was removed, indexes written anew.
  public var notes: [String] = []

  public init() {}
}
