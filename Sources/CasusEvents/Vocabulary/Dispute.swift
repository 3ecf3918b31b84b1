/// What is said to be wrong with an event: its content, its basis, who it is said of, or that it is told twice.
public enum DisputeGround: String, Codable, CaseIterable, Sendable {
  case `false`, unsupported, misattributed, duplicate, other
}

/// Somebody doubts what another has published: `casus.dispute.v1`. It is shown beside what it is about, and removes nothing: only
/// its own publisher takes an event back.
public struct Dispute: Payload, Hashable {
  public static let type = EventType.dispute

  /// The event that is doubted. The dispute does not rest on it.
  public var about: EventReference
  public var ground: DisputeGround
  /// In the disputer's words.
  public var reason: String
  /// Who doubts it, when that is a person.
  public var by: Person?
  /// Why it is taken back, when it is: with `supersedes`, the dispute named there is over.
  public var withdrawal: String?
  /// What the doubt rests on.
  public var refs: [EventReference]?
  public var supersedes: EventReference?

  public init(
    about: EventReference, ground: DisputeGround, reason: String, by: Person? = nil, withdrawal: String? = nil,
    refs: [EventReference]? = nil, supersedes: EventReference? = nil
  ) {
    self.about = about
    self.ground = ground
    self.reason = reason
    self.by = by
    self.withdrawal = withdrawal
    self.refs = refs
    self.supersedes = supersedes
  }
}
