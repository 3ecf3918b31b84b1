import Assessment
import CasusEvents
import Knowledge

/// How one agency weighs evidence: two agencies with the same events and other settings may well disagree, and each
/// result says what it assumed. Every number here that no source gives is a policy that `author` answers for.
struct AttributionSettings: Policy, Equatable {
  /// Who answers for these numbers.
  var author = "Casus defaults"
  /// How often each kind of actor is behind an incident; only the proportions count. EuRepoC's labels by default.
  var baseRates = BaseRates()
  /// Which part of an actor class ATT&CK already lists as groups, 0...1. The rest is the unknown group, or criminals
  /// without a name.
  var listedShare = ListedShare()
  /// P(someone wants to look like another) before any evidence, 0...1. No base rate is published.
  var deception = 0.02
  /// P(state | group) where MISP suspects a state but gives no confidence, 0...1.
  var unstatedSuspicion = 0.5
  /// Log-odds are divided by it: 1 believes that every piece of evidence is independent.
  var temperature = 5.0
  /// Where `temperature` comes from.
  var fittedOn = "least log loss over 24 attributed and 29 unattributed ATT&CK campaigns, leak-free profiles"
  /// r by the beginning of a source's name, `//us.cisa/`: 0.9. The longest match counts; instead of Admiralty grades.
  var reliability: [String: Double] = [:]
  /// r where a source has neither a grade nor an entry above.
  var ungraded = 0.5
  /// What a kind of evidence counts, 0 (not at all) to 1.
  var weights = Weights()
  /// Evidence left out: `technique`, `software`, `act`, an id (`T1059`, with its sub-techniques) or the beginning of a
  /// source's name.
  var exclude: [String] = []
  /// Dependence group by the beginning of an analytic's uid (`suricata:1:2`): one vendor's rules stand or fall together.
  /// An analytic without an entry belongs to the group of its source.
  var vendors: [String: String] = [:]
  /// The greatest |log ratio| of one piece of evidence by how easily it is forged.
  var bounds = Bounds()
  /// When the likeliest hypothesis is a conclusion.
  var dominance = Dominance()
  /// Groups listed one by one, at most 20.
  var listed = 8

  struct BaseRates: Codable, Sendable, Equatable {
    var state = ActorClasses.shared.baseRates.state
    var affiliated = ActorClasses.shared.baseRates.affiliated
    var nonState = ActorClasses.shared.baseRates.nonState
    var individual = ActorClasses.shared.baseRates.individual
    var unattributed = ActorClasses.shared.baseRates.unattributed
  }

  struct ListedShare: Codable, Sendable, Equatable {
    var state = 0.7
    var criminal = 0.35
  }

  struct Weights: Codable, Sendable, Equatable {
    var technique = 1.0
    var software = 1.0
    var act = 1.0
  }

  struct Bounds: Codable, Sendable, Equatable {
    var low = 6.9
    var moderate = 4.6
    var high = 0.7
  }

  struct Dominance: Codable, Sendable, Equatable {
    /// At least this probable, 0...1.
    var minimum = 0.5
    /// And this many times as probable as the next.
    var ratio = 2.0
  }

  init() {}

  func check(_ faults: PolicyFaults) {
    faults.requireLine("author", author)
    faults.requireLine("fittedOn", fittedOn)
    for (analytic, group) in vendors.sorted(by: { $0.key < $1.key }) {
      faults.requireLine("vendors.\(analytic)", group)
    }
    for (name, rate) in [
      ("state", baseRates.state), ("affiliated", baseRates.affiliated), ("nonState", baseRates.nonState),
      ("individual", baseRates.individual), ("unattributed", baseRates.unattributed),
    ] {
      // Zero would make a kind of actor impossible whatever the evidence.
      faults.require("baseRates.\(name)", rate, in: 0.001...1_000_000)
    }
    faults.require("listedShare.state", listedShare.state, in: 0.01...0.99)
    faults.require("listedShare.criminal", listedShare.criminal, in: 0.01...0.99)
    faults.require("deception", deception, in: 0.0001...0.5)
    faults.require("unstatedSuspicion", unstatedSuspicion, in: 0...1)
    faults.require("temperature", temperature, in: 1...100)
    faults.require("ungraded", ungraded, in: 0...1)
    for (source, r) in reliability.sorted(by: { $0.key < $1.key }) {
      faults.require("reliability.\(source)", r, in: 0...1)
    }
    faults.require("weights.technique", weights.technique, in: 0...1)
    faults.require("weights.software", weights.software, in: 0...1)
    faults.require("weights.act", weights.act, in: 0...1)
    faults.require("bounds.low", bounds.low, in: 0...50)
    faults.require("bounds.moderate", bounds.moderate, in: 0...50)
    faults.require("bounds.high", bounds.high, in: 0...50)
    faults.require("dominance.minimum", dominance.minimum, in: 0...1)
    faults.require("dominance.ratio", dominance.ratio, in: 1...1_000_000)
    faults.require("listed", Double(listed), in: 1...20)
  }

  func bound(_ forgeability: Forgeability) -> Double {
    switch forgeability {
    case .low: bounds.low
    case .moderate: bounds.moderate
    case .high: bounds.high
    }
  }

  func weight(_ kind: Evidence.Kind) -> Double {
    switch kind {
    case .technique: weights.technique
    case .software: weights.software
    case .act: weights.act
    }
  }
}
