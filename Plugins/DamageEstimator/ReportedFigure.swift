import Assessment
import CasusEvents

/// What one report says of one quantity, and what tells which loss it speaks of.
struct ReportedFigure: Sendable, Equatable {
  /// What kind of loss it is: these add up within one operator.
  enum Loss: Int, Sendable {
    case service, data, other

    init(_ kind: EffectKind) {
      switch kind {
      case .outage, .degradation, .lossOfControl, .lossOfView, .physicalDamage: self = .service
      case .dataLoss, .dataTheft: self = .data
      case .other: self = .other
      }
    }
  }

  /// The part of an operator that a source tells apart from others.
  struct Part: Hashable, Sendable {
    var loss: Loss
    var service: Bytes
    var asset: Bytes
  }

  var source: String
  var operatorName: String
  var nation: String?
  var part: Part
  /// The operator's number of the report.
  var report: Bytes
  var started: Timestamp
  /// The last moment that there is, where nobody said that it is over.
  var ended: Timestamp
  var reported: Timestamp
  /// When it, or what it has taken the place of, came first: a sequence.
  var first: UInt64
  var estimate: Estimate

  init(_ effect: Effect, from source: String, first: UInt64, _ estimate: Estimate) {
    self.source = source
    operatorName = effect.operatorName
    nation = effect.nation
    part = Part(
      loss: Loss(effect.kind), service: Bytes(effect.service?.name ?? ""), asset: Bytes(effect.asset?.id ?? ""))
    report = Bytes(effect.report)
    started = effect.started
    ended = effect.ended ?? Timestamp(nanoseconds: .max)
    reported = effect.reported
    self.first = first
    self.estimate = estimate
  }

  /// What an agency says with several keys is its one account: named by the only source that speaks, or by the agency.
  static func byAgency(_ figures: [ReportedFigure]) -> [ReportedFigure] {
    let sources = figures.reduce(into: [String: Set<String>]()) {
      $0[Agency.of($1.source), default: []].insert($1.source)
    }
    return figures.map { figure in
      let agency = Agency.of(figure.source)
      guard let keys = sources[agency], keys.count > 1 else { return figure }
      var figure = figure
      figure.source = agency
      return figure
    }
  }

  /// In whole numbers: half a person is none, or one.
  var whole: ReportedFigure {
    func whole(_ number: Double) -> Double { max(0, (number + 0.5).rounded(.down)) }
    var figure = self
    figure.estimate = Estimate(
      value: whole(estimate.value), low: estimate.low.map(whole), high: estimate.high.map(whole))
    return figure
  }
}

extension ImplausibleFigure.Quantity {
  /// What is counted, not measured.
  var isCount: Bool {
    switch self {
    case .users, .deaths, .injured, .records: true
    case .money, .outage, .repair: false
    }
  }
}

/// A name as its bytes: two that only look alike, or that Unicode takes for one, are two.
struct Bytes: Hashable, Comparable, Sendable {
  let name: String

  init(_ name: String) { self.name = name }

  static func == (a: Bytes, b: Bytes) -> Bool { a.name.utf8.elementsEqual(b.name.utf8) }
  static func < (a: Bytes, b: Bytes) -> Bool { a.name.utf8.lexicographicallyPrecedes(b.name.utf8) }
  func hash(into hasher: inout Hasher) { for byte in name.utf8 { hasher.combine(byte) } }
}
