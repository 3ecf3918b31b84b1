/// What was found when a journal was opened, for the log and for people.
public struct RecoveryReport: Hashable, Sendable {
  /// Bytes behind the last whole commit, which a crash left there.
  public struct Cut: Hashable, Sendable {
    public var file: String
    /// Where the file ends now.
    public var offset: UInt64
    public var bytes: UInt64
    /// They were a summary, which is made anew; otherwise an unfinished commit, whose events nobody was told are kept.
    public var isSummary: Bool
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
