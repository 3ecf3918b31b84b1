import Assessment
import CasusEvents

/// What all reports together say of one quantity. The method and its sources: `docs/damage-method.md`; what Python's
/// estimator makes of the same reports: `Tests/Vectors/totals.json`.
///
/// What one operator lost at one time counts once, whoever tells of it, by the middle of what the sources say; losses add up;
/// and what in sum is more than can be is left out, of whoever said most. Pure; costs the square of the number of reports,
/// of which an incident names 256 at most.
struct ReportedTotal: Sendable, Equatable {
  /// What one agency says of a loss, over all the parts that it tells apart.
  struct Account: Sendable, Equatable {
    /// The agency's only source that speaks here, or `//agency`.
    var source: String
    /// When it spoke first of the loss: a sequence.
    var first: UInt64
    var estimate: Estimate
  }

  /// What one operator lost at one time.
  struct Loss: Sendable, Equatable {
    var operatorName: String
    var nation: String?
    /// By value, then by who spoke first; at least one.
    var accounts: [Account]

    var middle: Int { ReportedTotal.middle(of: accounts.map(\.first)) }

    /// The middle account's value; the bounds hold all accounts.
    var estimate: Estimate {
      Estimate(
        value: accounts[middle].estimate.value, low: accounts.map(\.estimate.lower).min(),
        high: accounts.map(\.estimate.upper).max())
    }

    var differs: Bool { accounts.contains { $0.estimate != accounts[0].estimate } }
  }

  /// What was left out of one source, since all reports together say more than can be.
  struct Excess: Sendable, Equatable {
    var quantity: ImplausibleFigure.Quantity
    /// Of which nation it would be too much; nil: of all together.
    var nation: String?
    /// All that was said.
    var said: Double
    var most: Double
    var source: String
    var accounts: Int

    var line: String {
      let place = nation.map { " in \($0)" } ?? ""
      let said = ImplausibleFigure.number(said)
      let most = ImplausibleFigure.number(most)
      return "Left out as implausible together: \(quantity.rawValue) \(said)\(place), of at most \(most); "
        + "\(accounts) figure\(accounts == 1 ? "" : "s") of \(source)."
    }
  }

  private(set) var losses: [Loss]
  private(set) var excesses: [Excess] = []
  /// Whether all that was said of a loss was left out, so that nothing tells how large it was.
  private(set) var hasGaps = false
  /// Reports that may tell of a loss that a later one of the same source tells of.
  private(set) var repeats: Int

  /// - Parameter told: in the incident's order.
  init(_ quantity: ImplausibleFigure.Quantity, _ told: [ReportedFigure], currency: String? = nil) {
    let figures = ReportedFigure.byAgency(told).map { quantity.isCount ? $0.whole : $0 }
    var own: [OwnLoss] = []
    for (place, figure) in figures.enumerated() {
      guard figures.firstIndex(where: { $0.isSamePart(as: figure) }) == place else { continue }
      own += OwnLoss.all(figures.enumerated().filter { $0.element.isSamePart(as: figure) })
    }
    repeats = own.reduce(0) { $0 + $1.repeats }
    losses = []
    for (place, figure) in figures.enumerated() {
      guard figures.firstIndex(where: { $0.isSameOperator(as: figure) }) == place else { continue }
      let told = own.filter { figures[$0.place].isSameOperator(as: figure) }
      let nation = figures.first { $0.isSameOperator(as: figure) && $0.nation != nil }?.nation
      losses += Stretch.clusters(told, \.span).map { Loss($0, figure.operatorName, nation, figures) }
    }
    switch quantity {
    case .users, .deaths, .injured:
      for nation in Set(losses.map { $0.nation ?? "" }).sorted() {
        let most = Plausibility.most(quantity, nation: nation.isEmpty ? nil : nation)
        reduce(quantity, to: most, nation: nation.isEmpty ? nil : nation) { ($0.nation ?? "") == nation }
      }
      reduce(quantity, to: Plausibility.mankind, nation: nil) { _ in true }
    case .records, .money, .outage, .repair:
      reduce(quantity, to: Plausibility.most(quantity, currency: currency), nation: nil) { _ in true }
    }
  }

  /// Leaves out the largest account of whoever said most, until the rest can be; then of the next.
  private mutating func reduce(
    _ quantity: ImplausibleFigure.Quantity, to most: Double, nation: String?, where isCounted: (Loss) -> Bool
  ) {
    func upper() -> Double {
      losses.filter(isCounted).reduce(0) { $0 + ($1.accounts.map(\.estimate.upper).max() ?? 0) }
    }
    let said = upper()
    guard !(said <= most) else { return }
    var bySource: [String: Double] = [:]
    for account in losses.filter(isCounted).flatMap(\.accounts) {
      bySource[account.source, default: 0] += account.estimate.upper
    }
    var order = bySource.sorted { ($1.value, Bytes($0.key)) < ($0.value, Bytes($1.key)) }.map(\.key)[...]
    while !(upper() <= most), let heaviest = order.first {
      var largest: (loss: Int, account: Int, upper: Double)?
      for (loss, found) in losses.enumerated() where isCounted(found) {
        guard let account = found.accounts.firstIndex(where: { $0.source == heaviest }) else { continue }
        let upper = found.accounts[account].estimate.upper
        if largest.map({ upper > $0.upper }) ?? true { largest = (loss, account, upper) }
      }
      guard let largest else {
        order.removeFirst()
        continue
      }
      losses[largest.loss].accounts.remove(at: largest.account)
      if losses[largest.loss].accounts.isEmpty {
        losses.remove(at: largest.loss)
        hasGaps = true
      }
      if let known = excesses.firstIndex(where: { $0.source == heaviest && $0.nation == nation && $0.most == most }) {
        excesses[known].accounts += 1
      } else {
        excesses.append(
          Excess(quantity: quantity, nation: nation, said: said, most: most, source: heaviest, accounts: 1))
      }
    }
  }

  /// Which of some accounts counts, by who spoke first of each: the middle one; of an even number without the one that spoke
  /// last, so that one who comes later moves no middle of an odd number.
  static func middle(of firsts: [UInt64]) -> Int {
    let place = (firsts.count - 1) / 2
    guard firsts.count.isMultiple(of: 2),
      let last = firsts.indices.max(by: { (firsts[$0], $0) < (firsts[$1], $1) })
    else { return place }
    return place < last ? place : place + 1
  }

  var isEmpty: Bool { losses.isEmpty }

  /// Whether anything that a source's agency says of an operator is in it.
  func counts(_ source: String, on operatorName: String) -> Bool {
    let agency = Agency.of(source)
    return losses.contains { loss in
      Bytes(loss.operatorName) == Bytes(operatorName)
        && loss.accounts.contains { Agency.of($0.source) == agency }
    }
  }

  /// Bounds and best values add up.
  var estimate: Estimate {
    Estimate(
      value: losses.reduce(0) { $0 + $1.estimate.value }, low: losses.reduce(0) { $0 + $1.estimate.lower },
      high: losses.reduce(0) { $0 + $1.estimate.upper })
  }

  /// Who says how much of it, how sources differ, and what was counted once; empty where there is nothing to tell.
  var notes: [String] {
    var notes: [String] = []
    if let shares { notes.append(shares) }
    let differing = losses.filter(\.differs)
    if let first = differing.first {
      let bounds = first.estimate
      let range = "\(ImplausibleFigure.number(bounds.lower)) to \(ImplausibleFigure.number(bounds.upper))"
      let more = differing.count > 1 ? ", and on \(differing.count - 1) more" : ""
      notes.append("\(first.accounts.count) sources differ on \(first.operatorName), \(range)\(more)")
    }
    if repeats > 0 {
      notes.append("\(repeats) report\(repeats == 1 ? "" : "s") of what may be the same loss counted once")
    }
    return notes
  }

  /// `60 % by //jp.meti/outage-1 alone, 40 % by several sources`.
  private var shares: String? {
    let total = estimate.value
    guard total > 0 else { return nil }
    var alone: [String: Double] = [:]
    var several = 0.0
    for loss in losses {
      if loss.accounts.count == 1 {
        alone[loss.accounts[0].source, default: 0] += loss.estimate.value
      } else {
        several += loss.estimate.value
      }
    }
    func percent(_ part: Double) -> String { "\(Int((part * 100 / total + 0.5).rounded(.down))) %" }
    let order = alone.sorted { ($1.value, Bytes($0.key)) < ($0.value, Bytes($1.key)) }
    var parts = order.prefix(3).map { "\(percent($0.value)) by \($0.key) alone" }
    if order.count > 3 {
      let rest = order.dropFirst(3).reduce(0) { $0 + $1.value }
      parts.append("\(percent(rest)) by \(order.count - 3) more, each alone")
    }
    if several > 0 { parts.append("\(percent(several)) by several sources") }
    return parts.joined(separator: ", ")
  }
}

extension ReportedTotal.Loss {
  fileprivate init(
    _ told: [OwnLoss], _ operatorName: String, _ nation: String?, _ figures: [ReportedFigure]
  ) {
    self.operatorName = operatorName
    self.nation = nation
    accounts = []
    for loss in told {
      let source = figures[loss.place].source
      if let known = accounts.firstIndex(where: { $0.source == source }) {
        let sum = accounts[known].estimate
        accounts[known].first = min(accounts[known].first, loss.first)
        accounts[known].estimate = Estimate(
          value: sum.value + loss.estimate.value, low: sum.lower + loss.estimate.lower,
          high: sum.upper + loss.estimate.upper)
      } else {
        let bounds = Estimate(value: loss.estimate.value, low: loss.estimate.lower, high: loss.estimate.upper)
        accounts.append(.init(source: source, first: loss.first, estimate: bounds))
      }
    }
    accounts.sort {
      ($0.estimate.value, $0.first, Bytes($0.source)) < ($1.estimate.value, $1.first, Bytes($1.source))
    }
  }
}

extension ReportedFigure {
  /// Whether one source says both of the same part of an operator.
  fileprivate func isSamePart(as other: ReportedFigure) -> Bool {
    Bytes(source) == Bytes(other.source) && isSameOperator(as: other) && part == other.part
  }

  fileprivate func isSameOperator(as other: ReportedFigure) -> Bool {
    Bytes(operatorName) == Bytes(other.operatorName)
  }
}
