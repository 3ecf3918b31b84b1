import Assessment

/// How one agency reads purpose. Ratios say how many times likelier a kind of evidence is under the purpose that it
/// points to than otherwise. Denial, defacement and destruction are counted in DCID 2.0 (every second incident, 75
/// disruptive and 140 espionage, add one half): 24 to 1, 11 to 0 and 6 to 1. For the others no count was found, so they
/// are the author's judgement, as is all of prepositioning.
struct PurposeSettings: Policy, Equatable {
  /// Who answers for these numbers.
  var author = "Casus defaults"
  var prior = Prior()
  var attack = Attack()
  var exploitation = Exploitation()
  var prepositioning = Prepositioning()
  /// What malware is able to do counts this much of what was seen done, 0...1.
  var capability = 0.5
  /// r of a report whose truth nobody graded, 0...1.
  var ungraded = 0.5
  /// When the likeliest purpose is a conclusion.
  var minimum = 0.5
  var ratio = 2.0

  /// P before any evidence. An intrusion's purpose mostly doesn't show; what does is espionage in 140 of 215 of DCID's
  /// incidents.
  struct Prior: Codable, Sendable, Equatable {
    var undetermined = 0.5
    var attackOfShown = 0.35
  }

  struct Attack: Codable, Sendable, Equatable {
    /// Commands to a process, or its protection and view switched off.
    var control = 30.0
    var denial = 30.0
    var destruction = 8.0
    var encryption = 8.0
    var defacement = 43.0
    /// An operator reports that a service was lost.
    var loss = 20.0
  }

  struct Exploitation: Codable, Sendable, Equatable {
    /// Data left.
    var theft = 10.0
    /// Data were gathered, which attackers of a process do as well.
    var collection = 3.0
  }

  struct Prepositioning: Codable, Sendable, Equatable {
    var prior = 0.05
    /// Inside critical systems (NCISS level 5 and deeper), and nothing done to them.
    var insideCritical = 6.0
    /// Reconnaissance of a process: ICS discovery, collection, lateral movement.
    var processReconnaissance = 4.0
    /// Malware for an attack lies ready and hasn't been used.
    var unusedPayload = 5.0
    /// Ways to come back: persistence, valid accounts.
    var persistence = 1.5
    /// Data left: then it was for the data.
    var theft = 0.5
  }

  func check(_ faults: PolicyFaults) {
    faults.requireLine("author", author)
    faults.require("prior.undetermined", prior.undetermined, in: 0.01...0.99)
    faults.require("prior.attackOfShown", prior.attackOfShown, in: 0.01...0.99)
    for (name, ratio) in [
      ("attack.control", attack.control), ("attack.denial", attack.denial), ("attack.destruction", attack.destruction),
      ("attack.encryption", attack.encryption), ("attack.defacement", attack.defacement), ("attack.loss", attack.loss),
      ("exploitation.theft", exploitation.theft), ("exploitation.collection", exploitation.collection),
    ] {
      faults.require(name, ratio, in: 1...10_000)
    }
    let before = prepositioning
    faults.require("prepositioning.prior", before.prior, in: 0.001...0.999)
    for (name, ratio) in [
      ("insideCritical", before.insideCritical), ("processReconnaissance", before.processReconnaissance),
      ("unusedPayload", before.unusedPayload), ("persistence", before.persistence), ("theft", before.theft),
    ] {
      faults.require("prepositioning.\(name)", ratio, in: 0.001...10_000)
    }
    faults.require("capability", capability, in: 0...1)
    faults.require("ungraded", ungraded, in: 0...1)
    faults.require("minimum", minimum, in: 0...1)
    faults.require("ratio", ratio, in: 1...1_000_000)
  }
}
