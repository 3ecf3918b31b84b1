public import CasusEvents
public import CasusLedger
internal import CasusNames

extension CasePolicy {
  /// What is wrong with the policy, one sentence each; empty for a good one. A policy with problems decides nothing.
  public var problems: [String] {
    var problems: [String] = []
    if name.isEmpty || version.isEmpty { problems.append("the policy lacks a name or a version") }
    // They stand in events, whose schemas ask for lines.
    let texts = [name, version] + consult.compactMap(\.office) + parties.flatMap { $0.signers.map(\.name) }
    if texts.contains(where: { $0.unicodeScalars.count > 256 || $0.unicodeScalars.contains { $0.value < 32 } }) {
      problems.append("a name is longer than 256 characters or has control characters")
    }
    if parties.isEmpty { problems.append("the policy names no party") }
    var names: Set<String> = []
    var owners: [VerifyingKey: String] = [:]
    var speakers: [String: String] = [:]
    for party in parties {
      if !Name.isParty(party.name) {
        problems.append("party \(party.name): a party's name has capitals, digits and hyphens")
      }
      if !names.insert(party.name).inserted { problems.append("party \(party.name) stands twice") }
      if party.agencies?.isEmpty == true { problems.append("party \(party.name) has no agency that publishes for it") }
      for agency in party.agencies ?? [] {
        if !Name.isValid(agency) { problems.append("party \(party.name): an agency's name has \(Name.alphabet)") }
        if let owner = speakers.updateValue(party.name, forKey: agency) {
          problems.append("\(agency) publishes for \(owner) and for \(party.name)")
        }
        // A party without a list takes every agency that begins with its name.
        for other in parties where other.agencies == nil && other.isSpokenFor(by: agency) {
          problems.append(
            "\(agency) publishes for \(party.name), and by its name for \(other.name), which lists no agencies")
        }
      }
      let keys = Set(party.signers.map(\.key))
      if keys.count < party.signers.count { problems.append("party \(party.name) has a key twice") }
      if party.threshold < 1 {
        problems.append("party \(party.name) has a threshold of \(party.threshold): anyone could decide for it")
      } else if party.threshold > keys.count {
        problems.append("party \(party.name) needs \(party.threshold) of \(keys.count) signers")
      }
      for key in keys {
        // Otherwise one person could make a bilateral decision alone.
        if let owner = owners.updateValue(party.name, forKey: key), owner != party.name {
          problems.append("key \(key.keyid) signs for \(owner) and for \(party.name)")
        }
      }
    }
    for consultation in consult {
      if !names.contains(consultation.party) {
        problems.append("\(consultation.party) must be consulted and is no party")
      }
      if let hours = consultation.withinHours, !(hours >= 0 && hours <= 1_000_000) {
        problems.append("\(consultation.party) must be consulted within \(hours) hours")
      }
    }
    if Set(consult.map(\.party)).count < consult.count {
      problems.append("a party stands twice among those to be consulted")
    }
    return problems
  }

  /// Throws `CaseError.policy` with the first problem.
  public func validate() throws(CaseError) {
    if let problem = problems.first { throw CaseError(.policy, problem) }
  }

  /// SHA-256 of the policy as JSON with sorted members: the same whether it came from YAML or JSON.
  public var sha256: String {
    // Only a number that is no number could fail, and then the policy has a problem.
    sha256Hex((try? canonicalJSON(self)) ?? [])
  }

  /// What cases and decisions say of it.
  public var reference: PolicyReference { PolicyReference(name: name, version: version, sha256: sha256) }

  public func party(_ name: String) -> PolicyParty? { parties.first { $0.name == name } }

  /// The party that a key signs for, and the signer.
  public func signer(_ key: VerifyingKey) -> (party: String, signer: PolicySigner)? {
    for party in parties {
      if let signer = party.signers.first(where: { $0.key == key }) { return (party.name, signer) }
    }
    return nil
  }

  var keys: [VerifyingKey] { parties.flatMap { $0.signers.map(\.key) } }
}
