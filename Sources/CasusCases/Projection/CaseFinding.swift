internal import CasusNames

/// Something of substance that was not accepted, or that a reader must know: so that nothing vanishes.
public struct CaseFinding: Codable, Hashable, Sendable {
  /// What it is; open, so that a later version can add to it.
  public struct Code: RawRepresentable, Codable, Hashable, Sendable {
    public var rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// No key of the policy made the signature, though it names one of its keys.
    public static let badSignature = Code(rawValue: "bad-signature")
    /// The signature is of a key that the policy doesn't name.
    public static let unauthorisedKey = Code(rawValue: "unauthorised-key")
    /// None of the signatures is by the party that the event speaks for.
    public static let wrongParty = Code(rawValue: "wrong-party")
    /// The signed bytes aren't a statement of their type.
    public static let malformedStatement = Code(rawValue: "malformed-statement")
    /// The event says something else than the statement it carries.
    public static let mismatch = Code(rawValue: "mismatch")
    /// The statement is made under another policy, or the policy isn't known here.
    public static let wrongPolicy = Code(rawValue: "wrong-policy")
    /// An exercise's statement in a live case, or the other way round.
    public static let exerciseMismatch = Code(rawValue: "exercise-mismatch")
    /// A replayed statement in a live case.
    public static let replayedStatement = Code(rawValue: "replayed-statement")
    /// The snapshot lists a replayed event in a live case.
    public static let replayedEvidence = Code(rawValue: "replayed-evidence")
    /// The snapshot lists an exercise's event in a live case.
    public static let exerciseEvidence = Code(rawValue: "exercise-evidence")
    /// A live case was opened on an incident that rests on replayed events or on those of an exercise.
    public static let markedIncident = Code(rawValue: "marked-incident")
    /// The snapshot lists an event that isn't in the journal like that.
    public static let unknownEvidence = Code(rawValue: "unknown-evidence")
    /// The snapshot lists an event that the case's incident never named.
    public static let foreignEvidence = Code(rawValue: "foreign-evidence")
    /// The snapshot says of another amount of evidence than there was that it rests on a part of it.
    public static let wrongCoverage = Code(rawValue: "wrong-coverage")
    /// The snapshot rests on a revision that was already replaced when it was taken, or was taken before the incident.
    public static let staleSnapshot = Code(rawValue: "stale-snapshot")
    /// The journal's Merkle root at that size is another one.
    public static let wrongRoot = Code(rawValue: "wrong-root")
    /// Somebody published what only the party's own agencies may.
    public static let wrongPublisher = Code(rawValue: "wrong-publisher")
    /// The same statement with the same signatures was counted before; it counts once.
    public static let repeatedStatement = Code(rawValue: "repeated-statement")
    /// A newer statement has to name the one that it takes the place of.
    public static let wrongReplacement = Code(rawValue: "wrong-replacement")
    /// One key signed two different decisions.
    public static let conflictingSignatures = Code(rawValue: "conflicting-signatures")
    /// A revision of an incident or a case by another source than the first, left out.
    public static let foreignRevision = Code(rawValue: "foreign-revision")
    /// An event that doesn't decode as its type.
    public static let unreadable = Code(rawValue: "unreadable")
  }

  public var code: Code
  public var message: String
  public var about: Citation

  /// The message may quote others: of it as much is kept as the recorder's notes have room for, and nothing that steers.
  public init(_ code: Code, _ message: String, _ about: Citation) {
    self.code = code
    self.message = HarmlessText.bounded(message, bytes: 1_000)
    self.about = about
  }
}
