import Assessment
import CasusEvents

/// What is known of a number before it is known.
enum Distribution: Sendable, Equatable {
  case fixed(Double)
  /// A best value between two bounds.
  case triangular(low: Double, mode: Double, high: Double)
  /// Only the order of magnitude is open; both ends greater than 0.
  case logUniform(low: Double, high: Double)
  /// One of some values; weights needn't add up to 1.
  case options([Option])
  /// One of some, in order of their best values, is right: that place's as likely as ``Distribution/middleShare``, and each of the
  /// others alike.
  case pool([Distribution], middle: Int)
  /// Of some that rise and fall together.
  case sum([Distribution])

  struct Option: Sendable, Equatable {
    var value: Double
    var weight: Double
  }

  static func of(_ estimate: Estimate) -> Distribution {
    let low = min(estimate.low ?? estimate.value, estimate.value)
    let high = max(estimate.high ?? estimate.value, estimate.value)
    return low == high ? .fixed(estimate.value) : .triangular(low: low, mode: estimate.value, high: high)
  }

  /// How likely the middle source is right where sources differ: enough for the headline to be its, and little enough for a
  /// 90 % interval to reach to the others. A choice of this project's.
  static let middleShare = 0.8

  /// Where sources differ on a loss any of them may be right, the middle one most likely.
  static func of(_ total: ReportedTotal) -> Distribution {
    guard total.losses.contains(where: \.differs) else { return .of(total.estimate) }
    return .sum(total.losses.map { $0.differs ? .of($0) : .of($0.estimate) })
  }

  static func of(_ loss: ReportedTotal.Loss) -> Distribution {
    .pool(loss.accounts.map { .of($0.estimate) }, middle: loss.middle)
  }

  static func even(_ values: [Double]) -> Distribution { .options(values.map { Option(value: $0, weight: 1) }) }

  static func likely(_ p: Double, _ value: Double, else other: Double) -> Distribution {
    p >= 1 ? .fixed(value) : p <= 0 ? .fixed(other) : weighted([(value, p), (other, 1 - p)])
  }

  static func weighted(_ pairs: [(Double, Double)]) -> Distribution {
    let possible = pairs.filter { $0.1 > 0 }
    if possible.count == 1 { return .fixed(possible[0].0) }
    return .options(possible.map { Option(value: $0.0, weight: $0.1) })
  }

  var isFixed: Bool {
    if case .fixed = self { return true }
    return false
  }

  /// The smallest and the greatest possible value.
  var range: (low: Double, high: Double) {
    switch self {
    case .fixed(let value): (value, value)
    case .triangular(let low, _, let high), .logUniform(let low, let high): (low, high)
    case .options(let options): (options.map(\.value).min() ?? 0, options.map(\.value).max() ?? 0)
    case .pool(let members, _): (members.map(\.range.low).min() ?? 0, members.map(\.range.high).max() ?? 0)
    case .sum(let terms): (terms.reduce(0) { $0 + $1.range.low }, terms.reduce(0) { $0 + $1.range.high })
    }
  }

  /// The likeliest value; of an open order of magnitude the middle one.
  var best: Double {
    switch self {
    case .fixed(let value): value
    case .triangular(_, let mode, _): mode
    case .logUniform(let low, let high): (low * high).squareRoot()
    case .options(let options): options.max { ($0.weight, $1.value) < ($1.weight, $0.value) }?.value ?? 0
    case .pool(let members, let middle): members[middle].best
    case .sum(let terms): terms.reduce(0) { $0 + $1.best }
    }
  }

  /// The value at a place of the cumulative distribution, `u` in 0..<1. Rises with `u` except among options.
  func value(at u: Double) -> Double {
    switch self {
    case .fixed(let value):
      return value
    case .triangular(let low, let mode, let high):
      let turn = (mode - low) / (high - low)
      return u < turn
        ? low + (u * (high - low) * (mode - low)).squareRoot()
        : high - ((1 - u) * (high - low) * (high - mode)).squareRoot()
    case .logUniform(let low, let high):
      return exponential(ln(low) + u * (ln(high) - ln(low)))
    case .options(let options):
      var rest = u * options.reduce(0) { $0 + $1.weight }
      for option in options {
        rest -= option.weight
        if rest < 0 { return option.value }
      }
      return options.last?.value ?? 0
    case .pool(let members, let middle):
      let other = (1 - Self.middleShare) / Double(max(1, members.count - 1))
      var start = 0.0
      for (place, member) in members.enumerated() {
        let share = members.count == 1 ? 1 : place == middle ? Self.middleShare : other
        if u < start + share || place == members.count - 1 { return member.value(at: min(1, (u - start) / share)) }
        start += share
      }
      return 0
    case .sum(let terms):
      return terms.reduce(0) { $0 + $1.value(at: u) }
    }
  }
}
