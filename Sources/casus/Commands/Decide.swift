import ArgumentParser
import CasusCases
import CasusEvents
import CasusLedger
import CasusNames
import CasusPlugin
import Glibc

struct Decide: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "State a party's position on a case, draft a decision, sign one.",
    discussion: """
      Each is signed with a signer's key (casus keys new --signer) that the case's policy names, over a snapshot of the \
      evidence: every event it rests on, by sequence and digest, and the Merkle root of the journal. A decision stands \
      when every party's quorum has signed the same bytes. Use --as to publish in your party's own name.

      EXAMPLE: casus decide sign EXERCISE-2026-001 --party US --key us-director.key
      """,
    subcommands: [StatePosition.self, DraftDecision.self, SignDecision.self])
}

/// What all three need.
struct SignerOptions: ParsableArguments {
  @OptionGroup var link: LinkOptions
  @OptionGroup var policies: PolicyOptions
  @Argument(help: ArgumentHelp("The case.", valueName: "case")) var caseID: String
  @Option(help: ArgumentHelp("The party that is spoken for, as the policy names it.", valueName: "party")) var party:
    String
  @Option(help: ArgumentHelp("The signer's key; several for several signers.", valueName: "file")) var key: [String]
  @Flag(help: "One JSON object.") var json = false

  func keys() throws -> [SigningKey] {
    try key.map { path in
      do throws(LedgerError) {
        return try SignerKeyFile.read(path).key
      } catch {
        throw Failure(error)
      }
    }
  }

  /// Reads the journal, lets `body` write something about the case and publishes it.
  func publish(
    _ command: String, saying text: String, _ body: (CaseReading, CaseRecord, [SigningKey]) throws -> Draft
  ) async throws {
    let known = try policies.read(link.home.folder).map(\.policy)
    let keys = try keys()
    try await link.withBus(command) { bus in
      let reading = try await bus.cases(known)
      guard let record = reading.projection.cases[caseID] else { throw Failure(.partly, "there is no case \(caseID)") }
      guard record.policy != nil else {
        let policy = record.opened.data.policy
        throw Failure(
          .configuration, "the case's policy \(policy.name) \(policy.version) is not known here: --policy FILE")
      }
      let draft: Draft
      do {
        draft = try body(reading, record, keys)
      } catch let error as CaseError {
        throw Failure(error)
      } catch let error as LedgerError {
        throw Failure(error)
      }
      try await bus.publish(draft, saying: text, json: json)
    }
  }
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
      return try Position(signing: statement, with: keys).draft(at: now, exercise: record.mode == .exercise)
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
      return try Decision(signing: statement, party: signer.party, with: keys)
        .draft(at: now, exercise: record.mode == .exercise)
    }
  }
}

struct SignDecision: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign", abstract: "Sign the decision that another party drafted, byte for byte the same.",
    discussion: """
      Shows what is to be signed and asks; without a terminal, or with --json, it needs --yes.

      EXAMPLE: casus decide sign EXERCISE-2026-001 --party US --key us.key --yes
      """)

  @OptionGroup var signer: SignerOptions
  @Option(
    help: ArgumentHelp("Which draft, when there are several: the first digits of its digest.", valueName: "sha256"))
  var draft: String?
  @Flag(help: "Sign without being asked.") var yes = false

  func run() async throws {
    let now = currentTime()
    try await signer.publish("decide sign", saying: "signed for \(signer.party)") { reading, record, keys in
      let ballots = record.ballots.filter { $0.payloadSHA256.hasPrefix(draft ?? "") }
      guard let ballot = ballots.last else {
        throw Failure(
          .partly, "nobody has drafted \(draft == nil ? "a decision" : "such a decision") on \(signer.caseID)")
      }
      if ballots.count > 1 {
        let digests = ballots.map { String($0.payloadSHA256.prefix(12)) }.joined(separator: ", ")
        throw Failure(.usage, "there are \(ballots.count) drafts; say which with --draft: \(digests)")
      }
      let decision = reading.decisions.first { decision in
        (try? DSSE.payload(of: decision.envelope)).map { sha256Hex($0) } == ballot.payloadSHA256
      }
      guard let decision else { throw Failure(.failed, "the draft's event is gone") }
      try confirm(ballot)
      return try Decision(cosigning: decision, party: signer.party, with: keys)
        .draft(at: now, exercise: record.mode == .exercise)
    }
  }

  private func confirm(_ ballot: Ballot) throws {
    if yes { return }
    guard isatty(0) == 1, !signer.json else {
      throw Failure(.usage, "without a terminal, --yes says that you have read what you sign")
    }
    let statement = ballot.statement
    var text = "\(statement.outcome.rawValue): \(statement.text)\n"
    for reason in statement.reasons { text += "  because \(reason)\n" }
    for dissent in statement.dissent { text += "  dissent, \(dissent.by): \(dissent.text)\n" }
    text += "It rests on \(statement.snapshot.events.count) events of the first \(statement.snapshot.treeSize); "
    text += "signed so far by \(ballot.signatures.map { "\($0.name) (\($0.party))" }.joined(separator: ", ")).\n"
    Terminal.write(HarmlessText.shown(text, keeping: .lines))
    Terminal.write("Sign exactly this? Type yes: ")
    guard readLine() == "yes" else { throw Failure(.partly, "not signed") }
  }
}
