/// Points at an event for good: `source` and `id` name it, `sha256` of its bytes proves that it is the same one.
public struct EventReference: Codable, Hashable, Sendable {
  public var source: String
  public var id: String
  /// Its place in a journal, as decimal digits (a JSON number would lose digits over 2^53). Left out where the
  /// reference has to hold in every journal.
  public var sequence: String?
  /// 64 lower-case hexadecimal digits: SHA-256 of the event's bytes.
  public var sha256: String

  public init(source: String, id: String, sequence: String? = nil, sha256: String) {
    self.source = source
    self.id = id
    self.sequence = sequence
    self.sha256 = sha256
  }
}
