internal import CasusEvents

/// Whether a decision stands, and why not.
public struct Verdict: Codable, Hashable, Sendable {
  /// How many of a party's signers have signed a ballot.
  public struct Tally: Codable, Hashable, Sendable {
    public var party: String
    public var needed: Int
    public var signatures: [SignatureLine]
    public var isComplete: Bool { signatures.count >= needed }
  }

  /// The ballot that stands, or the one that has come furthest.
  public var ballot: Ballot?
  public var tallies: [Tally]
  /// Why no decision stands; empty when one does.
  public var missing: [String]

  public var stands: Bool { ballot != nil && missing.isEmpty }
}

extension CaseRecord {
  /// Whether a decision stands: every party's quorum of different signers has signed the same bytes, and everyone who
  /// must be heard has been. Of several the newest, which names the one before it.
  public var verdict: Verdict {
    guard let policy else {
      return Verdict(
        ballot: nil, tallies: [],
        missing: ["The policy \(opened.data.policy.name) \(opened.data.policy.version) is not known here."])
    }
    guard policy.problems.isEmpty else {
      return Verdict(ballot: nil, tallies: [], missing: policy.problems.map { "The policy is unsound: \($0)." })
    }
    var missing: [String] = []
    if mode == .replay { missing.append("This is a replay: it shows what was and decides nothing.") }
    for consultee in consultees where consultee.position == nil {
      missing.append("\(consultee.party) has not stated its position.")
    }
    let counted = ballots.map { (ballot: $0, tallies: tally($0, policy)) }
    if let (ballot, tallies) = counted.first(where: { $0.ballot.payloadSHA256 == completed }) {
      return Verdict(ballot: ballot, tallies: tallies, missing: missing)
    }
    guard let (ballot, tallies) = counted.max(by: { signed($0.tallies) < signed($1.tallies) }) else {
      let tallies = policy.parties.map { Verdict.Tally(party: $0.name, needed: $0.threshold, signatures: []) }
      return Verdict(ballot: nil, tallies: tallies, missing: missing + ["Nobody has signed a decision."])
    }
    for tally in tallies where !tally.isComplete {
      missing.append("\(tally.party) has \(tally.signatures.count) of \(tally.needed) signatures on the same text.")
    }
    if ballots.count > 1 { missing.append("\(ballots.count) different texts were signed; none has every quorum.") }
    return Verdict(ballot: ballot, tallies: tallies, missing: missing)
  }

  /// How far the text with that digest has come; empty when there is none.
  public func tallies(of payloadSHA256: String) -> [Verdict.Tally] {
    guard let policy, let ballot = ballots.first(where: { $0.payloadSHA256 == payloadSHA256 }) else { return [] }
    return tally(ballot, policy)
  }

  func tally(_ ballot: Ballot, _ policy: CasePolicy) -> [Verdict.Tally] {
    policy.parties.map { party in
      // `signatures` has a key once, and a key belongs to one party.
      Verdict.Tally(
        party: party.name, needed: party.threshold, signatures: ballot.signatures.filter { $0.party == party.name })
    }
  }

  /// How far a ballot has come: complete parties first, then signatures.
  private func signed(_ tallies: [Verdict.Tally]) -> Int {
    tallies.count(where: \.isComplete) * 1000 + tallies.reduce(0) { $0 + $1.signatures.count }
  }
}
