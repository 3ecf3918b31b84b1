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
    let reports = attacked(effects)
    let impairing = reports.filter { Self.impairing.contains($0.effect.kind) }
    var facts = [phase(incident, trigger), essential(incident, impairing), service(incident, reports, impairing)]
    facts += [users(impairing), physical(reports, impairing)] + hours(impairing, now)
    facts += casualties(reports)
    facts += data(incident, reports)
    facts += [hijacking(incident, reports), destruction(incident, reports), credentials(incident)]
    facts += [location(incident, trigger), actor(attribution), sector(incident, reports), importance()]
    facts += [victims(incident, reports, trigger), money(reports)]
    let isEssential = facts.first { $0.name == .essential }.map { $0.distribution.best >= 0.5 } ?? false
    facts.append(potential(isEssential))
    let uncounted = incident.unnamedEffects
    for place in facts.indices where uncounted > 0 && Self.summed.contains(facts[place].name) {
      facts[place].basis += "; at least: \(uncounted) more report\(uncounted == 1 ? " is" : "s are") not counted"
    }
    return facts.sorted { $0.name.rawValue < $1.name.rawValue }
  }

  /// A storm's outage beside an intrusion is no damage of it.
  private func attacked(_ effects: [EffectShelf.Kept]) -> [EffectShelf.Kept] {
    effects.filter { ![.naturalPhenomenon, .humanError, .systemFailure].contains($0.effect.cause) }.map(\.plausible)
  }

  private static let summed: Set<FactName> = [.users, .deaths, .injured, .records, .money]

  static let impairing: Set<EffectKind> = [.outage, .degradation, .lossOfControl, .lossOfView, .physicalDamage]

  private func phase(_ incident: Incident, _ trigger: EventReference) -> Fact {
    let place = Phase.allCases.firstIndex(of: incident.phase) ?? 0
    return Fact(
      name: .phase, distribution: .fixed(Double(place)), known: true, basis: "the incident: \(incident.phase.rawValue)",
      refs: [trigger])
  }

  /// Without a report that says so, what was seen says how likely a service suffers.
  private func service(
    _ incident: Incident, _ all: [EffectShelf.Kept], _ reports: [EffectShelf.Kept]
  ) -> Fact {
    let states = reports.map { state($0.effect) }
    guard let worst = states.max(by: { $0.best < $1.best }) else {
      func weighted(_ pairs: [(ServiceState, Double)]) -> Distribution {
        .weighted(pairs.map { (Double($0.0.rawValue), $0.1) })
      }
      // Of 421 incidents of EuRepoC with data taken and no disruption one had lost a service.
      if !all.isEmpty {
        return Fact(
          name: .service, distribution: weighted([(.unimpaired, 0.99), (.minimal, 0.01)]), known: false,
          basis: "no operator reports a service lost", refs: refs(all))
      }
      let guess: Distribution
      switch incident.phase {
      case .prepare: guess = weighted([(.untouched, 1)])
      case .engage: guess = weighted([(.untouched, 1), (.unimpaired, 1)])
      case .presence: guess = weighted([(.unimpaired, 8), (.minimal, 2)])
      case .effect:
        let signs: [TechniqueSign] = [.control, .denial, .destruction, .encryption, .defacement]
        let disrupted = Reliability.together(signs.map { probability(of: $0, in: incident) })
        let impaired = ServiceState.allCases.filter { $0 > .unimpaired }
        let share = disrupted / Double(impaired.count + 1)
        guess = weighted([(.unimpaired, 1 - disrupted + share)] + impaired.map { ($0, share) })
      }
      return Fact(
        name: .service, distribution: guess, known: guess.isFixed && incident.phase == .prepare,
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
    let open = Distribution.logUniform(low: 1, high: settings.unknown.users)
    return summed(.users, .users, reports, else: open) { $0.usersAffected }
      ?? Fact(
        name: .users, distribution: open, known: false,
        basis: reports.isEmpty ? "no operator reports" : "the operator's report doesn't say")
  }

  /// Users affected as the reports of an incident say together, at best; 0 where none does.
  func users(of effects: [EffectShelf.Kept]) -> Double {
    let reports = attacked(effects).filter { Self.impairing.contains($0.effect.kind) }
    return total(.users, reports) { $0.usersAffected }?.estimate.value ?? 0
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

  private func casualties(_ reports: [EffectShelf.Kept]) -> [Fact] {
    // That nobody was hurt is what silence means here, unlike with users; it is listed as unconfirmed.
    func none(_ name: FactName) -> Fact {
      Fact(name: name, distribution: .fixed(0), known: false, basis: "no report speaks of it")
    }
    return [
      summed(.deaths, .deaths, reports, else: .fixed(0)) { $0.casualties?.deaths } ?? none(.deaths),
      summed(.injured, .injured, reports, else: .fixed(0)) { $0.casualties?.injured } ?? none(.injured),
    ]
  }

  static func points(_ extent: Extent) -> Double {
    switch extent {
    case .none, .unknown: 0
    case .local: 1
    case .widespread: 2
    }
  }

  func words(_ reports: [EffectShelf.Kept]) -> String {
    let names = reports.map { "\($0.effect.operatorName), report \($0.effect.report)" }
    return names.prefix(2).joined(separator: "; ") + (names.count > 2 ? "; \(names.count - 2) more" : "")
  }

  func refs(_ reports: [EffectShelf.Kept]) -> [EventReference] { Array(reports.map(\.reference).prefix(2)) }
}
