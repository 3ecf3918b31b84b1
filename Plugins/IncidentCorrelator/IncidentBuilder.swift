import Assessment
import CasusEvents

/// Says in an incident's words what a group holds. Pure; costs about as much as sorting the group's items.
struct IncidentBuilder {
  let policy: CorrelatorSettings
  let group: Group
  let content: Group.Content
  /// In order of time.
  private let items: [Item]
  /// Those that say most for each technique, at most four.
  private let witnesses: [String: [Item]]
  /// Detections, the gravest first.
  private let byWeight: [Item]

  init(policy: CorrelatorSettings, group: Group, content: Group.Content) {
    self.policy = policy
    self.group = group
    self.content = content
    items = group.sorted
    var witnesses: [String: [(probability: Double, item: Item)]] = [:]
    for item in items {
      for technique in item.techniques {
        var best = witnesses[technique.id] ?? []
        // Items come in order of time: the earlier one stays in front of its equals.
        let place = best.firstIndex { $0.probability < technique.probability } ?? best.count
        guard place < 4 else { continue }
        best.insert((technique.probability, item), at: place)
        witnesses[technique.id] = Array(best.prefix(4))
      }
    }
    self.witnesses = witnesses.mapValues { $0.map(\.item) }
    byWeight = items.filter { !$0.isEffect }.sorted {
      ($1.severity, $0.first, $0.key) < ($0.severity, $1.first, $1.key)
    }
  }

  static let method = Method(name: "link-and-phase", version: "1", author: "Casus project")

  /// How much of everything is listed; counts are always of all.
  struct Limits {
    var detections = 100
    /// Estimates are made of what is named: as many as the schema takes.
    var effects = 256
    /// Reports give room to the rest down to so many.
    private static let ownEffects = 40
    var techniques = 64
    var refsPerTechnique = 3
    var assets = 48
    var steps = 24

    mutating func shrink() {
      if effects > Self.ownEffects {
        effects = max(Self.ownEffects, effects * 3 / 4)
        return
      }
      detections = detections * 3 / 4
      effects = max(4, effects * 3 / 4)
      refsPerTechnique = max(1, refsPerTechnique - 1)
      assets = max(8, assets * 3 / 4)
      steps = max(6, steps * 3 / 4)
      techniques = max(24, techniques * 3 / 4)
    }
  }

  /// The incident, with fewer references where it would otherwise not fit into an event of that size.
  func incident(maximumBytes: Int) -> Incident {
    var limits = Limits()
    var incident = incident(limits)
    for _ in 0..<16 {
      guard let bytes = try? canonicalJSON(incident), bytes.count > maximumBytes else { break }
      limits.shrink()
      incident = self.incident(limits)
    }
    return incident
  }

  private func incident(_ limits: Limits) -> Incident {
    let effects = items.filter(\.isEffect)
    let named = named(effects, limits.effects).map(\.reference)
    return Incident(
      incident: group.incident, revision: 1, state: .open, title: title, phase: content.phase,
      firstSeen: items.map(\.first).min() ?? Timestamp(nanoseconds: 0), lastSeen: group.lastSeen,
      domains: Domain.allCases.filter { domain in items.contains { $0.domain == domain } },
      detectionCount: group.detectionCount + group.counted.detections,
      effectCount: effects.count + group.counted.effects,
      detections: detections(limits.detections).map(\.reference),
      effects: named, techniques: techniques(limits), software: software,
      assets: assets(limits.assets), victims: victims,
      sectors: Sector.allCases.filter { sector in
        items.contains { $0.victim?.sector == sector || $0.asset?.sector == sector }
      },
      location: content.location, steps: steps(limits.steps), basis: basis,
      summary: summary(effects.count + group.counted.effects), method: Self.method)
  }

  /// Those that say most, of equals the newest; and of the agency that reports most no more than fits beside the others'. In order
  /// of time.
  private func named(_ effects: [Item], _ limit: Int) -> [Item] {
    let bySize = effects.enumerated().sorted {
      ($0.element.size ?? 0, $0.offset) < ($1.element.size ?? 0, $1.offset)
    }
    return FairShares.latest(limit, of: bySize) { Agency.of($0.element.key.source) }
      .sorted { $0.offset < $1.offset }.map(\.element)
  }

  /// The best witnesses: first the two that say most for each technique, then by severity; in order of time.
  private func detections(_ limit: Int) -> [Item] {
    var chosen: [ItemKey: Item] = [:]
    for id in group.techniques.keys.sorted() {
      for item in (witnesses[id] ?? []).prefix(2) where chosen.count < limit { chosen[item.key] = item }
    }
    for item in byWeight where chosen.count < limit { chosen[item.key] = item }
    return chosen.values.sorted { ($0.first, $0.key) < ($1.first, $1.key) }
  }

  private func techniques(_ limits: Limits) -> [TechniqueSummary] {
    group.techniques.filter { $0.value.count > 0 }
      .sorted { ($1.value.probability, $0.key) < ($0.value.probability, $1.key) }
      .prefix(limits.techniques)
      .map { id, tally in
        TechniqueSummary(
          id: id, domain: tally.domain, probability: tally.probability, count: tally.count, firstSeen: tally.first,
          lastSeen: tally.last, name: Phases.name(of: id),
          refs: (witnesses[id] ?? []).prefix(limits.refsPerTechnique).map(\.reference))
      }
  }

  private var software: [Software] {
    group.software.values.map { tally in
      Software(name: tally.software.name, id: tally.software.id, probability: tally.probability)
    }.sorted { ($1.probability ?? 0, $0.id ?? $0.name) < ($0.probability ?? 0, $1.id ?? $1.name) }
      .prefix(32).map { $0 }
  }

  /// The innermost first; those that only an address is known of come last.
  private func assets(_ limit: Int) -> [Asset] {
    var found: [String: (asset: Asset, known: Bool)] = [:]
    for item in items {
      guard let asset = item.asset else { continue }
      let key = "\(asset.operatorName ?? "")|\(asset.id)"
      if found[key] == nil { found[key] = (asset, item.isKnownAsset) }
    }
    return found.sorted { a, b in
      let (x, y) = (a.value, b.value)
      if x.known != y.known { return x.known }
      if x.asset.location != y.asset.location {
        return (x.asset.location?.rawValue ?? "") > (y.asset.location?.rawValue ?? "")
      }
      return a.key < b.key
    }.prefix(limit).map(\.value.asset)
  }

  private var victims: [Victim] {
    var found: [String: Victim] = [:]
    for victim in items.compactMap(\.victim) {
      var known = found[victim.operatorName] ?? victim
      known.nation = known.nation ?? victim.nation
      known.sector = known.sector ?? victim.sector
      if known.essential != true { known.essential = victim.essential ?? known.essential }
      found[victim.operatorName] = known
    }
    return found.sorted { $0.key < $1.key }.prefix(64).map(\.value)
  }

  /// The course of it: effects, and the first time that each rule spoke. From each phase in turn, the gravest first, so
  /// that a loud end doesn't hide the beginning; in order of time.
  private func steps(_ limit: Int) -> [Step] {
    var seen: Set<String> = []
    var byPhase: [Phase: [Item]] = [:]
    for item in items where item.isEffect || seen.insert(item.analytic).inserted {
      byPhase[item.phase ?? .prepare, default: []].append(item)
    }
    var rows = Phase.allCases.map { phase in
      (byPhase[phase] ?? []).sorted { ($1.severity, $0.first, $0.key) < ($0.severity, $1.first, $1.key) }[...]
    }
    var chosen: [Item] = []
    while chosen.count < limit, rows.contains(where: { !$0.isEmpty }) {
      for index in rows.indices where chosen.count < limit {
        if let item = rows[index].popFirst() { chosen.append(item) }
      }
    }
    return chosen.sorted { ($0.first, $0.key) < ($1.first, $1.key) }.map { item in
      Step(time: item.first, title: item.title, phase: item.phase, ref: item.reference)
    }
  }
}
