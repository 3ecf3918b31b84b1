public import CasusEvents

/// A case on paper: what was found, assessed, said and decided, each with its place in the journal.
///
/// Encodes to `dossier.json` (``json``) and reads as `dossier.md` (``markdown``). Made by a pure fold, so two readers of
/// one journal get the same bytes.
public struct Dossier: Codable, Hashable, Sendable {
  /// Of this structure; 1.
  public var format: Int
  public var mode: CaseMode
  /// `EXERCISE` or `REPLAY`; none for a live case.
  public var banner: String?
  /// How much of what the incident's newest revision rests on is marked; in a live case nothing may be.
  public var marked: EvidenceMarks
  /// In a live case, assessments that no statement may rest on, since they are marked or rest on what is.
  public var leftOut: [Citation]
  /// That no program decides.
  public var notice: String
  public var asOf: AsOf
  public var `case`: CaseSection
  /// None when the incident isn't in the journal.
  public var incident: Cited<Incident>?
  public var detections: [DetectionSummary]
  /// Detections of the incident that are not listed here.
  public var detectionsOmitted: Int
  public var effects: [Cited<Effect>]
  public var effectsOmitted: Int
  /// One for each analyzer, side by side.
  public var attributions: [Cited<Attribution>]
  public var purposes: [Cited<Purpose>]
  public var damages: [Cited<Damage>]
  /// Where the analyzers differ.
  public var disagreements: [Disagreement]
  /// What others doubt of all this. It removes nothing.
  public var disputes: [Cited<Dispute>]
  /// That disputes were forgotten, how many and whose; none where none was. They may have been about any case.
  public var disputesForgotten: String?
  public var consultation: ConsultationSection
  public var positions: [PositionRecord]
  public var decision: DecisionSection
  /// What was not accepted, and why.
  public var findings: [CaseFinding]
  /// Every event that the above refer to, once each with its place in this journal, where this reader knows it.
  public var references: [EventReference]

  enum CodingKeys: String, CodingKey {
    case format, mode, banner, marked
    case leftOut = "left_out"
    case notice
    case asOf = "as_of"
    case `case`, incident, detections
    case detectionsOmitted = "detections_omitted"
    case effects
    case effectsOmitted = "effects_omitted"
    case attributions, purposes, damages, disagreements, disputes
    case disputesForgotten = "disputes_forgotten"
    case consultation, positions, decision, findings, references
  }

  /// The dossier as JSON with sorted members. Throws `EventError.encoding` where an event carried a number that JSON
  /// cannot hold, which its schema rules out.
  public func json() throws(EventError) -> [UInt8] { try canonicalJSON(self) }

  public static let notice =
    "No program decides. Programs detected, grouped and assessed; what is decided, people decide and sign."
}

/// How far the journal was read.
public struct AsOf: Codable, Hashable, Sendable {
  /// The last event's; decimal digits.
  public var sequence: String
  public var recorded: Timestamp
  /// The Merkle root over the journal so far (RFC 6962); none when the reader has not seen all of it.
  public var root: String?
}

public struct CaseSection: Codable, Hashable, Sendable {
  public var id: String
  public var title: String
  public var question: String?
  public var incident: String
  /// As it follows from the signatures, whatever the case's own revisions say.
  public var state: CaseState
  public var opened: Timestamp
  public var openedBy: Person
  public var policy: PolicyReference
  public var policyAuthor: String?
  /// Whether the policy is known to this reader.
  public var policyKnown: Bool
  /// Of the opening.
  public var citation: Citation
  public var revisions: Int

  enum CodingKeys: String, CodingKey {
    case id, title, question, incident, state, opened
    case openedBy = "opened_by"
    case policy
    case policyAuthor = "policy_author"
    case policyKnown = "policy_known"
    case citation, revisions
  }
}

/// Two or more analyzers that don't say the same.
public struct Disagreement: Codable, Hashable, Sendable {
  /// `attribution`, `purpose`, `damage`.
  public var topic: String
  public var statement: String
  public var between: [Citation]
}

public struct ConsultationSection: Codable, Hashable, Sendable {
  public struct Line: Codable, Hashable, Sendable {
    public var party: String
    public var title: String?
    public var office: String?
    public var due: Timestamp?
    /// When the position was recorded; none yet where it is left out.
    public var heard: Timestamp?
    public var late: Bool
    public var citation: Citation?
  }

  public var complete: Bool
  public var lines: [Line]
  /// The newest consultation event of each recorder.
  public var events: [Citation]
}

public struct DecisionSection: Codable, Hashable, Sendable {
  public var stands: Bool
  public var outcome: Outcome?
  /// Why there is none; empty when one stands.
  public var missing: [String]
  /// The text that stands, or the one that has come furthest.
  public var statement: DecisionStatement?
  /// Of the signed bytes.
  public var payloadSHA256: String?
  public var tallies: [Verdict.Tally]
  /// Assessments that are newer than the decision's snapshot: the evidence has moved on.
  public var movedOn: [Citation]
  /// Whether the snapshot's Merkle root was compared with the journal's: true and equal, or not compared.
  public var rootChecked: Bool
  /// Other texts that were signed.
  public var otherTexts: Int

  enum CodingKeys: String, CodingKey {
    case stands, outcome, missing, statement
    case payloadSHA256 = "payload_sha256"
    case tallies
    case movedOn = "moved_on"
    case rootChecked = "root_checked"
    case otherTexts = "other_texts"
  }
}
