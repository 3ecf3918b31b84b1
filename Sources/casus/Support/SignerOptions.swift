import ArgumentParser
import CaseIndex
import CasusCases
import CasusEvents
import CasusLedger
import CasusNames
import CasusPlugin
import Glibc
import IJSON

/// What all commands that sign need.
struct SignerOptions: ParsableArguments {
  @OptionGroup var link: LinkOptions
  @OptionGroup var index: IndexOptions
  @OptionGroup var policies: PolicyOptions
  @Argument(help: ArgumentHelp("The case.", valueName: "case")) var caseID: String
  @Option(help: ArgumentHelp("The party that is spoken for, as the policy names it.", valueName: "party")) var party:
    String
  @Option(help: ArgumentHelp("The signer's key; several for several signers.", valueName: "file")) var key: [String]
  @Flag(help: "Sign without being asked.") var yes = false
  @Flag(help: "One JSON object.") var json = false

  private func keys() throws -> [SigningKey] {
    try key.map { path in
      do throws(LedgerError) {
        return try SignerKeyFile.read(path).key
      } catch {
        throw Failure(error)
      }
    }
  }

  /// Reads the journal, lets `body` sign something about the case, checks that it will count, shows it, asks, and publishes
  /// it. Nothing leaves this process before.
  ///
  /// - Parameter isOthersText: the words are another party's: without a terminal only `--yes` says that they were read.
  func publish(
    _ command: String, saying text: String, isOthersText: Bool = false,
    _ body: (CaseReading, CaseRecord, [SigningKey]) throws -> PreparedStatement
  ) async throws {
    let known = try policies.read(link.home.folder).map(\.policy)
    let keys = try keys()
    try await link.withBus(command) { bus in
      let reading = try await index.read(bus) { reader in
        CaseReading(
          projection: try await reader.projection(cases: [caseID], policies: known, content: .shown),
          decisions: try reader.decisions(on: caseID))
      }
      guard let record = reading.projection.cases[caseID] else { throw Failure(.partly, "there is no case \(caseID)") }
      guard let known = record.policy else {
        let policy = record.opened.data.policy
        throw Failure(
          .configuration, "the case's policy \(policy.name) \(policy.version) is not known here: --policy FILE")
      }
      try check(keys, in: known)
      let view: SigningView
      do {
        let prepared = try body(reading, record, keys)
        view = try SigningView(
          prepared, party: party, publisher: "\(bus.identity)", keys: keys, record, reading.projection)
      } catch let error as CaseError {
        throw Failure(error)
      } catch let error as LedgerError {
        throw Failure(error)
      }
      if !json { Terminal.write(HarmlessText.shown(view.text, keeping: .lines)) }
      try confirm(isOthersText)
      try await bus.publish(view.prepared.draft, saying: text, json: json, view.write)
    }
  }

  /// Before anything else: whoever has no say here is told so whatever the case's state is.
  private func check(_ keys: [SigningKey], in policy: CasePolicy) throws {
    let title = "the policy \(policy.name) \(policy.version)"
    guard policy.party(party) != nil else {
      let parties = policy.parties.map(\.name).joined(separator: ", ")
      throw Failure(.notPermitted, "\(party) is no party of \(title): \(parties)")
    }
    for key in keys {
      let owner = policy.signer(key.verifyingKey)?.party
      guard owner != party else { continue }
      throw Failure(
        .notPermitted,
        "not signed: key \(key.keyid.prefix(8)) signs for \(owner ?? "nobody") in \(title), not for \(party)")
    }
  }

  private func confirm(_ isOthersText: Bool) throws {
    if yes { return }
    guard isatty(0) == 1, !json else {
      if isOthersText { throw Failure(.usage, "without a terminal, --yes says that you have read what you sign") }
      return
    }
    Terminal.write("Sign exactly this? Type yes: ")
    guard readLine() == "yes" else { throw Failure(.partly, "not signed") }
  }
}

/// A case, its incident and all that was signed on it.
struct CaseReading {
  var projection: CaseProjection
  var decisions: [Decision]
}

/// Signed, and not published yet.
struct PreparedStatement {
  var draft: Draft
  var envelope: SignedEnvelope
  var snapshot: EvidenceSnapshot
  /// What is said, a line each.
  var words: [String]
  /// The digest of what it takes the place of.
  var replaces: String?
}

extension PreparedStatement {
  init(_ decision: Decision, _ statement: DecisionStatement, _ record: CaseRecord, at now: Timestamp) {
    self.init(
      draft: decision.draft(at: now, exercise: record.mode == .exercise), envelope: decision.envelope,
      snapshot: statement.snapshot, words: statement.words, replaces: statement.replaces)
  }
}

extension DecisionStatement {
  var words: [String] {
    ["\(outcome.rawValue): \(text)"] + reasons.map { "because \($0)" } + dissent.map { "dissent, \($0.by): \($0.text)" }
  }
}

extension PositionStatement {
  var words: [String] {
    [
      "\(finding.rawValue); damage on a par with a physical attack \(prongs.damageComparable.probability), "
        + "systematic and premeditated \(prongs.systematicPremeditated.probability)"
    ] + reasons.map { "because \($0)" } + dissent.map { "dissent, \($0.by): \($0.text)" }
  }
}
