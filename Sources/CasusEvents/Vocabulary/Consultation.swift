/// Whether everyone has been heard.
public enum ConsultationState: String, Codable, CaseIterable, Sendable {
  case awaited
  case complete
}

/// Someone who must be heard.
public struct Consultee: Codable, Hashable, Sendable {
  public var party: String
  public var office: String?
  public var due: Timestamp?
  /// What they said; none yet where it is left out.
  public var position: EventReference?

  public init(
    party: String, office: String? = nil, due: Timestamp? = nil, position: EventReference? = nil
  ) {
    self.party = party
    self.office = office
    self.due = due
    self.position = position
  }
}

/// Something that was not accepted, and why: so that nothing vanishes.
public struct ConsultationNote: Codable, Hashable, Sendable {
  /// `bad-signature`, `unauthorised-key`, `stale-snapshot`, …
  public var code: String
  public var message: String
  public var about: EventReference

  public init(
    code: String, message: String, about: EventReference
  ) {
    self.code = code
    self.message = message
    self.about = about
  }
}

/// Who must be consulted on a case, by when, and what has come in: `casus.consultation.v1`.
public struct Consultation: Payload, Hashable {
  public static let type = EventType.consultation

  public var caseID: String
  /// From 1.
  public var revision: Int
  public var state: ConsultationState
  public var consultees: [Consultee]
  public var notes: [ConsultationNote]
  /// Older notes that this revision no longer lists.
  public var omittedNotes: Int
  public var policy: PolicyReference
  /// The case first.
  public var refs: [EventReference]
  public var supersedes: EventReference?

  public init(
    caseID: String, revision: Int, state: ConsultationState, consultees: [Consultee], notes: [ConsultationNote] = [],
    omittedNotes: Int = 0, policy: PolicyReference, refs: [EventReference], supersedes: EventReference? = nil
  ) {
    self.caseID = caseID
    self.revision = revision
    self.state = state
    self.consultees = consultees
    self.notes = notes
    self.omittedNotes = omittedNotes
    self.policy = policy
    self.refs = refs
    self.supersedes = supersedes
  }

  enum CodingKeys: String, CodingKey {
    case caseID = "case"
    case revision, state, consultees, notes
    case omittedNotes = "omitted_notes"
    case policy, refs, supersedes
  }
}
