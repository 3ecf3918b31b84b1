public import CasusEvents
internal import CasusLedger

/// Whether a case is real.
public enum CaseMode: String, Codable, Hashable, Sendable {
  case live, exercise
  /// A capture played again: shows what was, decides nothing.
  case replay
}

/// A valid signature by someone whom the policy names.
public struct SignatureLine: Codable, Hashable, Sendable {
  public var party: String
  public var name: String
  public var role: String?
  public var keyid: String
  public var citation: Citation

  init(_ party: String, _ signer: PolicySigner, _ citation: Citation) {
    self.party = party
    name = signer.name
    role = signer.role
    keyid = signer.key.keyid
    self.citation = citation
  }
}

/// A position that was accepted.
public struct PositionRecord: Codable, Hashable, Sendable {
  public var statement: PositionStatement
  public var signatures: [SignatureLine]
  /// The policy's time for it was over.
  public var late: Bool
  /// Of the signed bytes: what a later position names to take its place.
  public var payloadSHA256: String
  public var citation: Citation

  enum CodingKeys: String, CodingKey {
    case statement, signatures, late
    case payloadSHA256 = "payload_sha256"
    case citation
  }
}

/// A decision's text with the signatures so far: all over the same payload bytes.
public struct Ballot: Codable, Hashable, Sendable {
  public var statement: DecisionStatement
  /// Of the signed payload's bytes.
  public var payloadSHA256: String
  /// One for each key, in the order in which they came.
  public var signatures: [SignatureLine]

  enum CodingKeys: String, CodingKey {
    case statement
    case payloadSHA256 = "payload_sha256"
    case signatures
  }
}

/// A case with everything that was said on it and accepted, and what wasn't.
public struct CaseRecord: Sendable {
  /// The first revision: what was opened, by whom and when.
  public let opened: Cited<CaseFile>
  /// The newest revision.
  public internal(set) var current: Cited<CaseFile>
  public let mode: CaseMode
  /// Nil when no policy was given that the case names; then nothing can be verified.
  public let policy: CasePolicy?
  /// Accepted ones in order; a party's newest counts.
  public internal(set) var positions: [PositionRecord] = []
  /// By payload, in the order in which they came.
  public internal(set) var ballots: [Ballot] = []
  /// The signed bytes of the newest text that has every party's quorum. Whether everyone has been consulted is another
  /// question, which ``verdict`` answers.
  public internal(set) var completed: String?
  /// What the decision recorders published: for each source the newest.
  public internal(set) var consultations = Series<Consultation>()
  public internal(set) var findings: [CaseFinding] = []

  var id: String { opened.data.caseID }

  /// False for a revision that its source may not make: who opened the case revises it, and another, the decision
  /// recorder, only writes down its decision.
  mutating func revise(_ file: CaseFile, _ citation: Citation) -> Bool {
    guard Succession.allows(citation.source, toReplace: opened.citation.source) || recordsDecision(file) else {
      return false
    }
    let superseded = current.superseded + 1
    // An older revision that comes late (a replay, a restart) doesn't undo a newer one.
    if file.revision >= current.data.revision { current = Cited(file, citation) }
    current.superseded = superseded
    return true
  }

  /// Whether the revision says that the case is decided and by what, and nothing else that is new.
  private func recordsDecision(_ file: CaseFile) -> Bool {
    var rest = file
    rest.revision = current.data.revision
    rest.state = current.data.state
    rest.outcome = current.data.outcome
    rest.decisions = current.data.decisions
    rest.notes = current.data.notes
    rest.refs = current.data.refs
    rest.supersedes = current.data.supersedes
    return rest == current.data && file.state == .decided && file.revision <= current.data.revision + 1
      && (current.data.state != .closed || verdict.stands)
  }

  /// A party's newest accepted position.
  public func position(of party: String) -> PositionRecord? { positions.last { $0.statement.party == party } }

  /// Texts that can still become the case's decision: not complete, and in the place of the one that is.
  public var openBallots: [Ballot] {
    ballots.filter { $0.payloadSHA256 != completed && $0.statement.replaces == completed }
  }

  /// Those who must be heard, with what they said.
  public var consultees: [Consultee] {
    (policy?.consult ?? []).map {
      Consultee(
        party: $0.party, office: $0.office, due: $0.due(opened: opened.data.opened),
        position: position(of: $0.party)?.citation.reference)
    }
  }

  public var consultationIsComplete: Bool { policy != nil && consultees.allSatisfy { $0.position != nil } }
}
