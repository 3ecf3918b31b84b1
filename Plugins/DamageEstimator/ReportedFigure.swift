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
    var service: String
    var asset: String
  }

  var source: String
  var operatorName: String
  var nation: String?
  var part: Part
  /// The operator's number of the report.
  var report: String
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
    part = Part(loss: Loss(effect.kind), service: effect.service?.name ?? "", asset: effect.asset?.id ?? "")
    report = effect.report
    started = effect.started
    ended = effect.ended ?? Timestamp(nanoseconds: .max)
    reported = effect.reported
    self.first = first
    self.estimate = estimate
  }
}
