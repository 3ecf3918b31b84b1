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
}

/// A name as its bytes: two that only look alike, or that Unicode takes for one, are two.
struct Bytes: Hashable, Comparable, Sendable {
  let name: String

  init(_ name: String) { self.name = name }

  static func == (a: Bytes, b: Bytes) -> Bool { a.name.utf8.elementsEqual(b.name.utf8) }
  static func < (a: Bytes, b: Bytes) -> Bool { a.name.utf8.lexicographicallyPrecedes(b.name.utf8) }
  func hash(into hasher: inout Hasher) { for byte in name.utf8 { hasher.combine(byte) } }
}
