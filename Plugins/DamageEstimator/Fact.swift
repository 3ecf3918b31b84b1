import CasusEvents
import SeededRandom

/// What the scales ask of an incident. Each is drawn once a sample, so that all scales speak of the same world.
enum FactName: Int, CaseIterable, Sendable {
  /// How far the incident has come: 0 prepare … 3 effect.
  case phase
  /// ``ServiceState``'s raw value.
  case service
  /// 1: the service is an essential one.
  case essential
  case users
  /// Until half of those who lost it have the service again.
  case hours
  /// Until everything is as before.
  case repair
  /// 0 none, 1 local, 2 widespread.
  case physical
  case deaths
  case injured
  case records
  /// Data taken: 0 none, 1 not sensitive, 2 sensitive (EuRepoC's points).
  case theft
  /// Control of systems: 0 none, 1 had, 2 used (EuRepoC's points).
  case hijacking
  /// 1: systems or data destroyed.
  case destruction
  /// 1: the core credentials of a network were taken.
  case credentials
  case location
  case actor
  case sector
  case potential
  /// 1: the target is of very high political importance.
  case importance
  /// Operators hit.
  case victims
  /// Loss in US dollars.
  case money

  /// As people read it.
  var title: String {
    switch self {
    case .phase: "observed activity"
    case .service: "state of the service"
    case .essential: "whether the service is essential"
    case .users: "users affected"
    case .hours: "hours until restored"
    case .repair: "hours until repaired"
    case .physical: "physical damage"
    case .deaths: "deaths"
    case .injured: "injured"
    case .records: "records affected"
    case .theft: "data stolen"
    case .hijacking: "control of systems"
    case .destruction: "systems destroyed"
    case .credentials: "core credentials taken"
    case .location: "location of observed activity"
    case .actor: "actor"
    case .sector: "sector others depend on"
    case .potential: "potential impact"
    case .importance: "political importance of the target"
    case .victims: "operators hit"
    case .money: "loss in money"
    }
  }

  /// What to ask, and whom.
  var question: String {
    switch self {
    case .phase, .service: "Is a service lost or impaired, and how far? Ask the operator."
    case .essential: "Does the law or the operator count the service among the essential ones?"
    case .users: "How many customers lost the service? Ask the operator."
    case .hours: "When is the service expected back? Ask the operator."
    case .repair: "When will everything be as it was? Ask the operator."
    case .physical: "Is equipment broken, and where? Ask the operator."
    case .deaths, .injured: "Was anyone hurt? Ask the emergency services."
    case .records: "How many records were lost, altered or stolen? Ask the operator."
    case .theft: "Were the data that left sensitive? Ask the operator."
    case .hijacking: "Was the control that the intruder had used? Ask the operator."
    case .destruction: "Were systems destroyed, and were they critical ones? Ask the operator."
    case .credentials: "Were core credentials taken? Ask whoever examines the domain controllers."
    case .location: "How deep did it get, from business network to safety systems? Ask the operator."
    case .actor: "Who is behind it? The attribution says."
    case .sector: "Which sector is hit?"
    case .potential: "What would a total loss of this service mean for the nation? Ask the regulator."
    case .importance: "Is the target of very high political importance? A person decides."
    case .victims: "How many operators are hit?"
    case .money: "What does it cost so far? Ask the operator."
    }
  }
}

/// How a service stands; rising.
enum ServiceState: Int, CaseIterable, Comparable, Sendable {
  case untouched
  /// Systems are hit, the service isn't.
  case unimpaired
  case minimal
  case significant
  case denied
  case outOfControl

  static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// One input and what is known of it.
struct Fact: Sendable, Equatable {
  var name: FactName
  var distribution: Distribution
  /// False: nobody said.
  var known: Bool
  /// Where it comes from.
  var basis: String
  var refs: [EventReference] = []
  /// What was reported and is in no estimate, a sentence each.
  var leftOut: [String] = []
}

/// One world that the facts allow.
struct World: Sendable {
  /// By ``FactName``'s raw value.
  private var values: [Double]

  init(_ values: [FactName: Double]) {
    self.values = FactName.allCases.map { values[$0] ?? 0 }
  }

  /// `distributions` by ``FactName``'s raw value. Draws one number a place whether it is needed or not: a fact that
  /// becomes known leaves the others' draws as they were.
  init(_ distributions: [Distribution], using generator: inout SeededGenerator) {
    values = distributions.map { $0.value(at: generator.unit()) }
  }

  subscript(name: FactName) -> Double { values[name.rawValue] }

  var service: ServiceState { ServiceState(rawValue: Int(self[.service])) ?? .untouched }
  var isEssential: Bool { self[.essential] >= 0.5 }
  var isImpaired: Bool { service.rawValue >= ServiceState.minimal.rawValue }
}
