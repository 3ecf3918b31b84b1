import CasusCases
import CasusEvents
import CasusLedger

extension CaseJournal {
  static let prongs = Prongs(
    damageComparable: Prong(probability: 0.4, basis: ["EXERCISE: three feeders for six hours."]),
    systematicPremeditated: Prong(probability: 0.8, basis: ["EXERCISE: staged over weeks."]))

  mutating func openCase(flags: StampFlags = []) throws {
    let draft = try projection.open(
      "C-1", on: "i-1", title: "EXERCISE power", question: "Armed attack?",
      by: Person(name: "EXERCISE Tanaka", role: "director", party: "JP"), policy: policy, at: now, exercise: exercise)
    try append(draft, by: "jp.mofa/desk", flags: flags)
  }

  func position(_ party: String) throws -> PositionStatement {
    try projection.positionStatement(
      on: "C-1", party: party, finding: .useOfForce, prongs: Self.prongs,
      factors: [LegalFactor(factor: .severity, rating: 6, reasons: ["EXERCISE."])], reasons: ["EXERCISE reason."],
      dissent: [Dissent(by: "EXERCISE counsel", text: "Too early.")],
      by: Person(name: "EXERCISE minister", party: party), at: now)
  }

  mutating func state(_ party: String, _ keys: [SigningKey], flags: StampFlags = []) throws {
    let position = try Position(signing: position(party), with: keys)
    try append(position.draft(at: now, exercise: exercise), by: "\(party.lowercased()).mofa/desk", flags: flags)
  }

  mutating func consult() throws {
    try state("JP", [jp1])
    try state("US", [us1])
  }

  func decision(_ outcome: Outcome = .countermeasures) throws -> DecisionStatement {
    try projection.decisionStatement(
      on: "C-1", outcome: outcome, text: "EXERCISE: the parties respond below the threshold.",
      reasons: ["EXERCISE reason."], reviewBy: now, at: now)
  }

  mutating func publish(_ decision: Decision, flags: StampFlags = []) throws {
    try append(
      decision.draft(at: now, exercise: exercise), by: "\(decision.party.lowercased()).mofa/desk", flags: flags)
  }

  /// Signs a statement for each party with these keys, one event a party.
  mutating func sign(_ statement: DecisionStatement, jp: [SigningKey], us: [SigningKey]) throws {
    let first = try Decision(signing: statement, party: "JP", with: jp)
    try publish(first)
    try publish(Decision(cosigning: first, party: "US", with: us))
  }

  var record: CaseRecord { projection.cases["C-1"]! }
  var codes: [String] { record.findings.map(\.code.rawValue) }
}
