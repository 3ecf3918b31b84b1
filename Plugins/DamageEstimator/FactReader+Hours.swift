import Assessment
import CasusEvents

/// How long it lasts.
extension FactReader {
  /// How long it lasts, as one report says.
  private struct Length {
    var kept: EffectShelf.Kept
    var distribution: Distribution
    var known: Bool
  }

  /// Until half of those who lost a service have it again: an operator whom few are served by lengthens no outage but his own. Where
  /// no report names users, the longest. And the longest of all with repairs.
  func hours(_ reports: [EffectShelf.Kept], _ now: Timestamp) -> [Fact] {
    func length(_ kept: EffectShelf.Kept) -> Length {
      let (distribution, known) = Self.duration(kept.effect, now, settings.unknown.hours)
      return Length(kept: kept, distribution: distribution, known: known)
    }
    let losses = total(.users, reports) { $0.usersAffected }?.losses ?? []
    let served = Set(losses.map { Bytes($0.operatorName) })
    let counted = reports.filter { $0.effect.usersAffected != nil && served.contains(Bytes($0.effect.operatorName)) }
    let outages = lengths(served.isEmpty ? reports : counted, length)
    let half = losses.reduce(0) { $0 + $1.estimate.value } / 2
    var sum = 0.0
    let middle = outages.first { outage in
      let own = losses.filter { Bytes($0.operatorName) == Bytes(outage.kept.effect.operatorName) }
      sum += own.reduce(0) { $0 + $1.estimate.value }
      return sum >= half
    }
    let repairs = lengths(reports) { kept in
      let back = length(kept)
      guard let days = kept.effect.physicalDamage?.repairDays else { return back }
      let hours = Estimate(value: days.value * 24, low: days.low.map { $0 * 24 }, high: days.high.map { $0 * 24 })
      return days.value * 24 > back.distribution.best
        ? Length(kept: kept, distribution: .of(hours), known: true) : back
    }
    return [
      lasting(.hours, served.isEmpty ? outages.last : middle), lasting(.repair, repairs.last),
    ]
  }

  /// Of each operator the middle of what agencies say, as with any number; the shortest first. What one agency says is its
  /// longest.
  private func lengths(_ reports: [EffectShelf.Kept], _ length: (EffectShelf.Kept) -> Length) -> [Length] {
    let all = reports.map(length)
    return all.map { Bytes($0.kept.effect.operatorName) }.uniqued().map { name in
      let own = all.filter { Bytes($0.kept.effect.operatorName) == name }
      let agencies = own.map { Agency.of($0.kept.reference.source) }.uniqued()
      let accounts = agencies.map { agency -> (length: Length, first: UInt64) in
        let said = own.filter { Agency.of($0.kept.reference.source) == agency }
        return (
          said.dropFirst().reduce(said[0]) { $1.distribution.best > $0.distribution.best ? $1 : $0 },
          said.map(\.kept.first).min() ?? 0
        )
      }.sorted { ($0.length.distribution.best, $0.first) < ($1.length.distribution.best, $1.first) }
      return accounts[ReportedTotal.middle(of: accounts.map(\.first))].length
    }.sorted {
      ($0.distribution.best, Bytes($0.kept.effect.operatorName))
        < ($1.distribution.best, Bytes($1.kept.effect.operatorName))
    }
  }

  private func lasting(_ name: FactName, _ length: Length?) -> Fact {
    guard let length else {
      return Fact(
        name: name, distribution: .logUniform(low: 0.1, high: settings.unknown.hours), known: false,
        basis: "no operator reports")
    }
    return Fact(
      name: name, distribution: length.distribution, known: length.known,
      basis: length.known ? words([length.kept]) : "no report says when the service returns",
      refs: refs([length.kept]))
  }

  /// An outage that is over is known; one with an expected end may take half to twice as long as it should from its
  /// beginning, and at least as long as it already has.
  static func duration(
    _ effect: Effect, _ now: Timestamp, _ unknown: Double
  ) -> (distribution: Distribution, known: Bool) {
    func between(_ from: Timestamp, _ to: Timestamp) -> Double {
      max(0, Double(to.nanoseconds) - Double(from.nanoseconds)) / 3.6e12
    }
    if let ended = effect.ended { return (.fixed(between(effect.started, ended)), true) }
    let soFar = max(0.1, between(effect.started, now))
    if let end = effect.expectedRestoration {
      let expected = max(soFar, between(effect.started, end))
      return (.triangular(low: max(soFar, expected / 2), mode: expected, high: expected * 2), true)
    }
    return (.logUniform(low: soFar, high: max(soFar * 2, unknown)), false)
  }
}
