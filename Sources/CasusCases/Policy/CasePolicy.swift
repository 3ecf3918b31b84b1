public import CasusEvents
public import CasusLedger

/// How cases are handled: who the parties are, whose signatures count for each, how many are needed, and who must be
/// heard by when. A file that names its author, in YAML or JSON. A plain value.
///
///     name: exercise-bilateral
///     version: "1"
///     author: EXERCISE
///     parties:
///       - name: JP
///         title: Japan
///         threshold: 1
///         signers:
///           - {name: EXERCISE director, role: EXERCISE, key: <64 hexadecimal digits>}
///     consult:
///       - {party: JP, office: EXERCISE desk, within_hours: 12}
public struct CasePolicy: Encodable, Hashable, Sendable {
  public var name: String
  public var version: String
  /// Who answers for it.
  public var author: String?
  /// Every one of them must sign a decision.
  public var parties: [PolicyParty]
  /// Whose positions must be there before a decision stands.
  public var consult: [PolicyConsultation]

  public init(
    name: String, version: String, author: String? = nil, parties: [PolicyParty], consult: [PolicyConsultation] = []
  ) {
    self.name = name
    self.version = version
    self.author = author
    self.parties = parties
    self.consult = consult
  }
}

/// A party of a policy: a nation, or whoever decides as one.
public struct PolicyParty: Encodable, Hashable, Sendable {
  /// `JP`: capitals, digits and hyphens.
  public var name: String
  /// `Japan`.
  public var title: String?
  /// How many different signers must sign a decision: m of n, at least 1.
  public var threshold: Int
  /// Whose plugins and people publish its statements; nil for the agencies that begin with its name, as `jp.mofa` does for
  /// JP.
  public var agencies: [String]?
  public var signers: [PolicySigner]

  public init(
    name: String, title: String? = nil, threshold: Int, agencies: [String]? = nil, signers: [PolicySigner]
  ) {
    self.name = name
    self.title = title
    self.threshold = threshold
    self.agencies = agencies
    self.signers = signers
  }

  /// Whether an agency may publish for the party. What another publishes of it, however well signed, may be old or out of
  /// its place, and the party does not answer for that.
  public func isSpokenFor(by agency: String) -> Bool {
    if let agencies { return agencies.contains { $0.utf8.elementsEqual(agency.utf8) } }
    return agency.utf8.prefix { $0 != UInt8(ascii: ".") }.elementsEqual(name.lowercased().utf8)
  }
}

/// Someone whose signature counts for a party.
public struct PolicySigner: Encodable, Hashable, Sendable {
  public var name: String
  public var role: String?
  /// The public key, 64 hexadecimal digits.
  public var key: VerifyingKey

  public init(name: String, role: String? = nil, key: VerifyingKey) {
    self.name = name
    self.role = role
    self.key = key
  }
}

/// A party whose position must be heard.
public struct PolicyConsultation: Encodable, Hashable, Sendable {
  /// One of the policy's parties: its position has to be signed by one of its signers.
  public var party: String
  /// Who speaks for it.
  public var office: String?
  /// Hours after the case's opening; no limit where it is left out.
  public var withinHours: Double?

  public init(party: String, office: String? = nil, withinHours: Double? = nil) {
    self.party = party
    self.office = office
    self.withinHours = withinHours
  }

  enum CodingKeys: String, CodingKey {
    case party, office
    case withinHours = "within_hours"
  }

  /// When it is due for a case opened at that moment.
  public func due(opened: Timestamp) -> Timestamp? {
    guard let withinHours else { return nil }
    let nanoseconds = Int64(exactly: (withinHours * 3_600_000_000_000).rounded()) ?? Int64.max
    let (due, overflow) = opened.nanoseconds.addingReportingOverflow(nanoseconds)
    return Timestamp(nanoseconds: overflow ? Int64.max : due)
  }
}
