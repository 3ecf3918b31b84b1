/// What each publisher brought in, as it is kept across restarts. The accepted ones stand in the journal too: what came
/// after `through` is counted anew from there.
public struct PublisherBooks: Hashable, Codable, Sendable {
  public struct Entry: Hashable, Codable, Sendable {
    public var accepted: UInt64 = 0
    public var duplicates = 0
    /// By the code's number.
    public var refused: [Int: Int] = [:]
    /// It is meant to be there; nil for no.
    public var isExpected: Bool?

    public init(accepted: UInt64 = 0) { self.accepted = accepted }

    /// Whether there is anything of it in the books.
    var isEmpty: Bool { accepted == 0 && duplicates == 0 && refused.isEmpty }
  }

  /// The first sequence that was counted.
  public var from: UInt64
  /// The last one.
  public var through: UInt64
  /// Sequences in between that nobody could count: the journal had lost them.
  public var lost: UInt64
  public var publishers: [String: Entry]

  public init(from: UInt64, through: UInt64, lost: UInt64, publishers: [String: Entry]) {
    self.from = from
    self.through = through
    self.lost = lost
    self.publishers = publishers
  }
}
