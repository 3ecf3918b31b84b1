import Assessment
import CasusEvents
import Knowledge

/// What an incident, the operators' reports and the attribution say, as facts. What nobody said stays open and is marked
/// so: between the policy's bounds, never zero.
struct FactReader: Sendable {
  let settings: DamageSettings
  let knowledge: AttackKnowledge
  let nciss = NCISS()

  /// `now`: the latest moment that anyone saw or reported something.
  func facts(
    _ incident: Incident, effects: [EffectShelf.Kept], attribution: (Attribution, EventReference)?, now: Timestamp,
    trigger: EventReference
  ) -> [Fact] {
    // A storm's outage beside an intrusion is no damage of it.
    let reports = effects.filter { ![.naturalPhenomenon, .humanError, .systemFailure].contains($0.effect.cause) }
      .map(\.plausible)
    let impairing = reports.filter { Self.impairing.contains($0.effect.kind) }
    var facts = [phase(incident, trigger), essential(incident, impairing), service(incident, impairing)]
    facts += [users(impairing), physical(reports, impairing)] + hours(impairing, now)
    facts += casualties(reports, impairing)
    facts += data(incident, reports)
    facts += [hijacking(incident, reports), destruction(incident, reports), credentials(incident)]
    facts += [location(incident, trigger), actor(attribution), sector(incident, reports), importance()]
    facts += [victims(incident, reports, trigger), money(reports)]
    let isEssential = facts.first { $0.name == .essential }.map { $0.distribution.best >= 0.5 } ?? false
    facts.append(potential(isEssential))
    return facts.sorted { $0.name.rawValue < $1.name.rawValue }
  }

  static let impairing: Set<EffectKind> = [.outage, .degradation, .lossOfControl, .lossOfView, .physicalDamage]

  private func phase(_ incident: Incident, _ trigger: EventReference) -> Fact {
    let place = Phase.allCases.firstIndex(of: incident.phase) ?? 0
    return Fact(
      name: .phase, distribution: .fixed(Double(place)), known: true, basis: "the incident: \(incident.phase.rawValue)",
      refs: [trigger])
  }

  /// Without a report the phase says how likely a service suffers.
  private func service(_ incident: Incident, _ reports: [EffectShelf.Kept]) -> Fact {
    let states = reports.map { state($0.effect) }
    guard let worst = states.max(by: { $0.best < $1.best }) else {
      func weighted(_ pairs: [(ServiceState, Double)]) -> Distribution {
        .weighted(pairs.map { (Double($0.0.rawValue), $0.1) })
      }
      let guess: Distribution =
        switch incident.phase {
        case .prepare: weighted([(.untouched, 1)])
        case .engage: weighted([(.untouched, 1), (.unimpaired, 1)])
        case .presence: weighted([(.unimpaired, 8), (.minimal, 2)])
        case .effect: .even((1...5).map(Double.init))
        }
      return Fact(
        name: .service, distribution: guess, known: guess.isFixed,
        basis: "no operator reports; the phase is \(incident.phase.rawValue)")
    }
    let said = reports.filter { state($0.effect) == worst }
    return Fact(name: .service, distribution: worst, known: true, basis: words(said), refs: refs(said))
  }

  private func state(_ effect: Effect) -> Distribution {
    func fixed(_ state: ServiceState) -> Distribution { .fixed(Double(state.rawValue)) }
    let significant = Double(ServiceState.significant.rawValue)
    switch effect.kind {
    case .lossOfControl: return fixed(.outOfControl)
    case .outage: return effect.service?.denied == false ? fixed(.significant) : fixed(.denied)
    case .degradation, .lossOfView, .physicalDamage:
      if effect.service?.denied == true { return fixed(.denied) }
      if let share = effect.capacityLost.compactMap(\.share).max() {
        return share >= 0.3 ? fixed(.significant) : fixed(.minimal)
      }
      return .even([Double(ServiceState.minimal.rawValue), significant])
    case .dataLoss, .dataTheft, .other: return fixed(.unimpaired)
    }
  }

  private func essential(_ incident: Incident, _ reports: [EffectShelf.Kept]) -> Fact {
    let said = reports.compactMap { $0.effect.service?.essential } + incident.victims.compactMap(\.essential)
    if !said.isEmpty {
      return Fact(
        name: .essential, distribution: .fixed(said.contains(true) ? 1 : 0), known: true,
        basis: "the operator or the incident says so", refs: refs(reports))
    }
    let isCritical = !incident.sectors.isEmpty
    return Fact(
      name: .essential, distribution: .likely(isCritical ? settings.odds.essential : 0.5, 1, else: 0), known: false,
      basis: isCritical ? "nobody said; the sector is one of critical infrastructure" : "nobody said")
  }

  private func users(_ reports: [EffectShelf.Kept]) -> Fact {
    let said = reports.compactMap { kept in kept.effect.usersAffected.map { (kept, $0) } }
    guard !said.isEmpty else {
      guard !reports.isEmpty else {
        return Fact(
          name: .users, distribution: .logUniform(low: 1, high: settings.unknown.users), known: false,
          basis: "no operator reports")
      }
      return Fact(
        name: .users, distribution: .logUniform(low: 1, high: settings.unknown.users), known: false,
        basis: "the operator's report doesn't say")
    }
    return Fact(
      name: .users, distribution: Self.sum(said.map(\.1)), known: true, basis: words(said.map(\.0)),
      refs: refs(said.map(\.0)))
  }

  /// The longest of the reports that name users, or of all where none does; and the longest of all, with repairs.
  private func hours(_ reports: [EffectShelf.Kept], _ now: Timestamp) -> [Fact] {
    let served = reports.filter { $0.effect.usersAffected != nil }
    let hours = longest(served.isEmpty ? reports : served, .hours) { Self.duration($0, now, settings.unknown.hours) }
    let repair = longest(reports, .repair) { effect in
      let back = Self.duration(effect, now, settings.unknown.hours)
      guard let days = effect.physicalDamage?.repairDays else { return back }
      let hours = Estimate(value: days.value * 24, low: days.low.map { $0 * 24 }, high: days.high.map { $0 * 24 })
      return days.value * 24 > back.distribution.best ? (.of(hours), true) : back
    }
    return [hours, repair]
  }

  private func longest(
    _ reports: [EffectShelf.Kept], _ name: FactName, _ duration: (Effect) -> (distribution: Distribution, known: Bool)
  ) -> Fact {
    let all = reports.map { (kept: $0, length: duration($0.effect)) }
    guard let longest = all.max(by: { $0.length.distribution.best < $1.length.distribution.best }) else {
      return Fact(
        name: name, distribution: .logUniform(low: 0.1, high: settings.unknown.hours), known: false,
        basis: "no operator reports")
    }
    return Fact(
      name: name, distribution: longest.length.distribution, known: longest.length.known,
      basis: longest.length.known ? words([longest.kept]) : "no report says when the service returns",
      refs: refs([longest.kept]))
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

  private func physical(_ reports: [EffectShelf.Kept], _ impairing: [EffectShelf.Kept]) -> Fact {
    let said = reports.filter { $0.effect.physicalDamage.map { $0.extent != .unknown } ?? false }
    if let worst = said.map({ Self.points($0.effect.physicalDamage!.extent) }).max() {
      let worstSaid = said.filter { Self.points($0.effect.physicalDamage!.extent) == worst }
      return Fact(
        name: .physical, distribution: .fixed(worst), known: true, basis: words(worstSaid), refs: refs(worstSaid))
    }
    let broken = reports.filter { $0.effect.kind == .physicalDamage || $0.effect.physicalDamage != nil }
    if !broken.isEmpty {
      return Fact(
        name: .physical, distribution: .weighted([(1, 3), (2, 1)]), known: false,
        basis: "something broke, nobody said how far", refs: refs(broken))
    }
    let odds = impairing.isEmpty ? settings.odds.broken / 2 : settings.odds.broken
    return Fact(
      name: .physical, distribution: .likely(odds, 1, else: 0), known: false, basis: "no report speaks of equipment")
  }

  private func casualties(_ reports: [EffectShelf.Kept], _ impairing: [EffectShelf.Kept]) -> [Fact] {
    [(FactName.deaths, \Casualties.deaths), (.injured, \Casualties.injured)].map { name, path in
      let said = reports.compactMap { kept in kept.effect.casualties?[keyPath: path].map { (kept, $0) } }
      guard !said.isEmpty else {
        // That nobody was hurt is what silence means here, unlike with users; it is listed as unconfirmed.
        return Fact(name: name, distribution: .fixed(0), known: false, basis: "no report speaks of it")
      }
      return Fact(
        name: name, distribution: Self.sum(said.map(\.1)), known: true, basis: words(said.map(\.0)),
        refs: refs(said.map(\.0)))
    }
  }

  static func points(_ extent: Extent) -> Double {
    switch extent {
    case .none, .unknown: 0
    case .local: 1
    case .widespread: 2
    }
  }

  /// Of several reports together: bounds and best values add up.
  static func sum(_ estimates: [Estimate]) -> Distribution {
    .of(
      Estimate(
        value: estimates.reduce(0) { $0 + $1.value }, low: estimates.reduce(0) { $0 + ($1.low ?? $1.value) },
        high: estimates.reduce(0) { $0 + ($1.high ?? $1.value) }))
  }

  func words(_ reports: [EffectShelf.Kept]) -> String {
    let names = reports.map { "\($0.effect.operatorName), report \($0.effect.report)" }
    return names.prefix(2).joined(separator: "; ") + (names.count > 2 ? "; \(names.count - 2) more" : "")
  }

  func refs(_ reports: [EffectShelf.Kept]) -> [EventReference] { Array(reports.map(\.reference).prefix(2)) }
}
