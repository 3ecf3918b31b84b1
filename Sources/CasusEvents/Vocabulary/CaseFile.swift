/// How far a case has come.
public enum CaseState: String, Codable, CaseIterable, Sendable {
  case open
  case consulting
  case decided
  case closed
}

/// The policy that a case is handled by.
public struct PolicyReference: Codable, Hashable, Sendable {
  public var name: String
  public var version: String
  /// Of the policy's file.
  public var sha256: String?

  public init(
    name: String, version: String, sha256: String? = nil
  ) {
    self.name = name
    self.version = version
    self.sha256 = sha256
  }
}

/// A case, opened by a person on an incident: `casus.case.v1`.
/// A revision is a new event whose `supersedes` names the one before; `case` stays.
public struct CaseFile: Payload, Hashable {
  public static let type = EventType.caseFile

  /// Stable over all revisions.
  public var caseID: String
  /// From 1.
  public var revision: Int
  public var incident: String
  public var title: String
  public var state: CaseState
  public var opened: Timestamp
  public var openedBy: Person
  /// What is to be decided.
  public var question: String?
  public var policy: PolicyReference
  /// Once decided.
  public var outcome: Outcome?
  /// The signed decisions that made the quorum.
  public var decisions: [EventReference]
  public var notes: [String]
  public var refs: [EventReference]?
  public var supersedes: EventReference?

  public init(
    caseID: String, revision: Int, incident: String, title: String, state: CaseState, opened: Timestamp,
    openedBy: Person, question: String? = nil, policy: PolicyReference, outcome: Outcome? = nil,
    decisions: [EventReference] = [], notes: [String] = [], refs: [EventReference]? = nil,
    supersedes: EventReference? = nil
  ) {
    self.caseID = caseID
    self.revision = revision
    self.incident = incident
    self.title = title
    self.state = state
    self.opened = opened
    self.openedBy = openedBy
    self.question = question
    self.policy = policy
    self.outcome = outcome
    self.decisions = decisions
    self.notes = notes
    self.refs = refs
    self.supersedes = supersedes
  }

  enum CodingKeys: String, CodingKey {
    case caseID = "case"
    case revision, incident, title, state, opened
    case openedBy = "opened_by"
    case question, policy, outcome, decisions, notes, refs, supersedes
  }
}
