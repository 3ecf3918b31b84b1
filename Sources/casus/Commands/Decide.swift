import ArgumentParser
import CasusCases
import CasusEvents
import CasusLedger
import CasusNames
import CasusPlugin

struct Decide: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "State a party's position on a case, draft a decision, sign one.",
    discussion: """
      Each is signed with a signer's key (casus keys new --signer) that the case's policy names, over a snapshot of the \
      evidence: every event it rests on, by sequence and digest, and the Merkle root of the journal. A decision stands \
      when every party's quorum has signed the same bytes. Use --as to publish in your party's own name: what another \
      agency publishes for a party does not count.

      Before anything is signed it is read as every reader of the journal will read it: a key that is not the party's, a \
      statement that was made before, one in the place of none that stands, and evidence that is not the case's are \
      refused with the reason. Then the case, the incident, the digest in groups to read over the telephone, the quorum and \
      whether the evidence has moved on are shown; on a terminal the command asks, and --yes answers.

      EXAMPLE: casus decide sign EXERCISE-2026-001 --party US --key us-director.key
      """,
    subcommands: [StatePosition.self, DraftDecision.self, SignDecision.self])
}

struct StatePosition: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "position", abstract: "State a party's position: its finding, the two questions, its reasons.",
    discussion: """
      The two questions stay apart and are never merged: whether the damage is on a par with that of a physical attack, \
      and whether the attack was carried out in a systematic and premeditated way; each a probability from 0 to 1 with \
      its basis.

      EXAMPLE: casus decide position EXERCISE-2026-001 --party JP --key jp.key --by "EXERCISE director" \
      --finding undetermined --damage 0.4 --damage-basis "no lasting damage known" --systematic 0.9 \
      --systematic-basis "three substations within a minute" --reason "attribution is open"
      """)

  @OptionGroup var signer: SignerOptions
  @OptionGroup var author: AuthorOptions
  @Option(help: "armed-attack, use-of-force, below-threshold or undetermined.") var finding: LegalFinding
  @Option(help: ArgumentHelp("Damage on a par with a physical attack: 0 to 1.", valueName: "probability"))
  var damage: Double
  @Option(help: ArgumentHelp("What that rests on.", valueName: "text")) var damageBasis: [String]
  @Option(help: ArgumentHelp("Systematic and premeditated: 0 to 1.", valueName: "probability")) var systematic: Double
  @Option(help: ArgumentHelp("What that rests on.", valueName: "text")) var systematicBasis: [String]
  @Option(help: ArgumentHelp("Why; at least one.", valueName: "text")) var reason: [String]
  @Option(help: ArgumentHelp("An opinion that differs and stays on the record, as NAME: TEXT.", valueName: "dissent"))
  var dissent: [Dissent] = []

  func validate() throws {
    for value in [damage, systematic] where !(0...1).contains(value) {
      throw ValidationError("a probability is a number from 0 to 1, not \(value)")
    }
  }

  func run() async throws {
    let now = currentTime()
    try await signer.publish("decide position", saying: "\(signer.party)'s position is on the record") {
      reading, record, keys in
      let statement = try reading.projection.positionStatement(
        on: signer.caseID, party: signer.party, finding: finding,
        prongs: Prongs(
          damageComparable: Prong(probability: damage, basis: damageBasis),
          systematicPremeditated: Prong(probability: systematic, basis: systematicBasis)),
        reasons: reason, dissent: dissent, by: author.person(party: signer.party), at: now)
      let position = try Position(signing: statement, with: keys)
      return PreparedStatement(
        draft: position.draft(at: now, exercise: record.mode == .exercise), envelope: position.envelope,
        snapshot: statement.snapshot, words: statement.words, replaces: statement.replaces)
    }
  }
}

struct DraftDecision: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draft", abstract: "Draft a decision and sign it as the first party.",
    discussion: """
      EXAMPLE: casus decide draft EXERCISE-2026-001 --party JP --key jp.key --outcome more-information \
      --text "EXERCISE: ask for the operators' logs" --reason "attribution is open" --review 2026-04-01T00:00:00Z
      """)

  @OptionGroup var signer: SignerOptions
  @Option(help: "no-action, more-information, retorsion, countermeasures, armed-attack-finding or deferred.")
  var outcome: Outcome
  @Option(help: "The decision's own words.") var text: String
  @Option(help: ArgumentHelp("Why; at least one.", valueName: "text")) var reason: [String]
  @Option(help: ArgumentHelp("An opinion that differs and stays on the record, as NAME: TEXT.", valueName: "dissent"))
  var dissent: [Dissent] = []
  @Option(help: ArgumentHelp("When it must be looked at again (RFC 3339).", valueName: "time")) var review: Timestamp?

  func run() async throws {
    let now = currentTime()
    try await signer.publish("decide draft", saying: "drafted, and signed for \(signer.party)") {
      reading, record, keys in
      let statement = try reading.projection.decisionStatement(
        on: signer.caseID, outcome: outcome, text: text, reasons: reason, dissent: dissent, reviewBy: review, at: now)
      let decision = try Decision(signing: statement, party: signer.party, with: keys)
      return PreparedStatement(decision, statement, record, at: now)
    }
  }
}

struct SignDecision: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign the decision that another party drafted, byte for byte the same.",
    discussion: """
      These are another's words: without a terminal, or with --json, it needs --yes, which says that you have read them.

      EXAMPLE: casus decide sign EXERCISE-2026-001 --party US --key us.key --yes
      """)

  @OptionGroup var signer: SignerOptions
  @Option(
    help: ArgumentHelp("Which draft, when there are several: the first digits of its digest.", valueName: "sha256"))
  var draft: String?

  func run() async throws {
    let now = currentTime()
    try await signer.publish("decide sign", saying: "signed for \(signer.party)", isOthersText: true) {
      reading, record, keys in
      let ballot = try choose(record)
      let decision = reading.decisions.first { decision in
        decision.envelope.payloadType == CaseProjection.decisionType
          && (try? DSSE.payload(of: decision.envelope)).map { sha256Hex($0) } == ballot.payloadSHA256
      }
      guard let decision else { throw Failure(.failed, "the draft's event is gone") }
      return PreparedStatement(
        try Decision(cosigning: decision, party: signer.party, with: keys), ballot.statement, record, at: now)
    }
  }

  /// The draft that is meant: the one that can still become the decision, unless another is named.
  private func choose(_ record: CaseRecord) throws -> Ballot {
    let ballots =
      draft.map { digits in record.ballots.filter { $0.payloadSHA256.hasPrefix(digits) } }
      ?? record.openBallots
    guard let ballot = ballots.last else {
      if draft == nil, record.completed != nil {
        throw Failure(.partly, "every party's quorum has signed already, and nobody has drafted anything newer")
      }
      throw Failure(
        .partly, "nobody has drafted \(draft == nil ? "a decision" : "such a decision") on \(signer.caseID)")
    }
    if ballots.count > 1 {
      let digests = ballots.map { String($0.payloadSHA256.prefix(12)) }.joined(separator: ", ")
      throw Failure(.usage, "there are \(ballots.count) drafts; say which with --draft: \(digests)")
    }
    return ballot
  }
}
