import Assessment
import CasusEvents
import Knowledge

/// The facts that sensors and the attribution give.
extension FactReader {
  /// Records and what kind of data left.
  func data(_ incident: Incident, _ reports: [EffectShelf.Kept]) -> [Fact] {
    let stolen = reports.filter { $0.effect.kind == .dataTheft }
    let open = Distribution.logUniform(low: 1, high: settings.unknown.records)
    let seen = probability(of: .theft, in: incident)
    let records: Fact
    if let counted = summed(.records, .records, reports, else: open, { $0.recordsAffected }) {
      records = counted
    } else if !stolen.isEmpty {
      records = Fact(
        name: .records, distribution: open, known: false,
        basis: "data were stolen, nobody said how many records", refs: refs(stolen))
    } else {
      records = Fact(
        name: .records, distribution: .fixed(0), known: false, basis: "no report speaks of records")
    }
    let sensitive = settings.odds.sensitive
    if !stolen.isEmpty {
      return [
        records,
        Fact(
          name: .theft, distribution: .likely(sensitive, 2, else: 1), known: false,
          basis: "data were stolen, nobody said how sensitive", refs: refs(stolen)),
      ]
    }
    return [
      records,
      Fact(
        name: .theft,
        distribution: .weighted([(0, 1 - seen), (1, seen * (1 - sensitive)), (2, seen * sensitive)]), known: false,
        basis: seen > 0 ? "techniques of exfiltration were seen" : "nothing was seen leaving"),
    ]
  }

  /// Whether an intruder had the control of systems, and used it. A report of a loss alone says nothing of an intruder: most
  /// services are lost to floods from outside.
  func hijacking(_ incident: Incident, _ reports: [EffectShelf.Kept]) -> Fact {
    if let kept = reports.first(where: { $0.effect.kind == .lossOfControl }) {
      return Fact(
        name: .hijacking, distribution: .fixed(2), known: true, basis: words([kept]), refs: [kept.reference])
    }
    let used = probability(of: .control, in: incident)
    let inside = probability(that: { $0.isInside }, in: incident)
    guard inside > 0 else {
      return Fact(
        name: .hijacking, distribution: .fixed(0), known: incident.phase < .presence, basis: "nobody was seen inside")
    }
    let lost = reports.contains { $0.effect.kind != .other } ? 1 : probability(of: .theft, in: incident)
    let misused = Reliability.together([used, lost * settings.odds.misused + (1 - lost) * settings.odds.idleMisuse])
    return Fact(
      name: .hijacking,
      distribution: .weighted([(0, 1 - inside), (1, inside * (1 - misused)), (2, inside * misused)]),
      known: inside * used >= 0.9,
      basis: used > 0
        ? "commands to a process were seen"
        : "an intruder was seen, " + (lost == 1 ? "and something was lost" : "no use of the control was"))
  }

  func destruction(_ incident: Incident, _ reports: [EffectShelf.Kept]) -> Fact {
    let lost = reports.filter { $0.effect.kind == .dataLoss }
    if !lost.isEmpty {
      return Fact(name: .destruction, distribution: .fixed(1), known: true, basis: words(lost), refs: refs(lost))
    }
    let seen = max(probability(of: .destruction, in: incident), probability(of: .encryption, in: incident))
    return Fact(
      name: .destruction, distribution: .likely(seen, 1, else: 0), known: seen >= 0.9,
      basis: seen > 0 ? "techniques of destruction were seen" : "no destruction was seen or reported")
  }

  /// Theft of a domain's credential store or of its replication secrets.
  func credentials(_ incident: Incident) -> Fact {
    let seen = incident.techniques.filter { ["T1003.003", "T1003.006"].contains($0.id) }
    let p = Reliability.together(seen.map(\.probability))
    return Fact(
      name: .credentials, distribution: .likely(p, 1, else: 0), known: false,
      basis: p > 0 ? "a domain's credential store was read" : "not seen", refs: Array(seen.flatMap(\.refs).prefix(2)))
  }

  /// NCISS has a value of its own for "unknown"; the unknown is listed all the same.
  func location(_ incident: Incident, _ trigger: EventReference) -> Fact {
    guard let location = incident.location, let value = nciss.value("location", location.rawValue) else {
      return Fact(
        name: .location, distribution: .fixed(nciss.value("location", "unknown")!), known: false,
        basis: "no report says how deep; NCISS counts unknown as 50")
    }
    return Fact(
      name: .location, distribution: .fixed(value), known: true, basis: "the incident: \(location.rawValue)",
      refs: [trigger])
  }

  /// From the attribution's hypotheses, each as NCISS's characters; without one NCISS's unknown.
  func actor(_ attribution: (Attribution, EventReference)?) -> Fact {
    func value(_ option: String) -> Double { nciss.value("actor", option)! }
    guard let (attribution, reference) = attribution else {
      return Fact(
        name: .actor, distribution: .fixed(value("unknown")), known: false,
        basis: "no attribution; NCISS counts unknown as 50")
    }
    var weights: [Double: Double] = [:]
    func add(_ option: String, _ weight: Double) { weights[value(option), default: 0] += weight }
    for hypothesis in attribution.hypotheses {
      let p = hypothesis.probability
      switch hypothesis.subject {
      case .group where knowledge.group(hypothesis.id)?.isCriminal == true: add("criminal", p)
      case .group, .state:
        add("apt-targeted", p * settings.odds.targeted)
        add("apt", p * (1 - settings.odds.targeted))
      case .criminal: add("criminal", p)
      // A person alone is a hacktivist or someone from inside.
      case .individual:
        add("hacktivist", p / 2)
        add("witting-insider", p / 2)
      case .unknown, .deception: add("unknown", p)
      }
    }
    add("unknown", attribution.otherProbability)
    return Fact(
      name: .actor, distribution: .weighted(weights.keys.sorted().map { ($0, weights[$0]!) }), known: true,
      basis: "the attribution of \(reference.source), conclusion \(attribution.conclusion)", refs: [reference])
  }

  /// The sector that others depend on most counts.
  func sector(_ incident: Incident, _ reports: [EffectShelf.Kept]) -> Fact {
    let sectors = incident.sectors + incident.victims.compactMap(\.sector) + reports.compactMap(\.effect.sector)
    let values = sectors.compactMap { nciss.value("cross-sector-dependency", $0.nearestCISA.rawValue) }
    guard let most = values.max() else {
      return Fact(
        name: .sector, distribution: .even(nciss.category("cross-sector-dependency").options.map(\.value)),
        known: false, basis: "no sector is named")
    }
    return Fact(
      name: .sector, distribution: .fixed(most), known: true,
      basis: "sectors named: " + sectors.map(\.rawValue).uniqued().joined(separator: ", "))
  }

  func potential(_ isEssential: Bool) -> Fact {
    let weights = isEssential ? settings.potentialEssential : settings.potentialOther
    let values = nciss.category("potential-impact").options.map(\.value)
    return Fact(
      name: .potential, distribution: .weighted(Array(zip(values, weights))), known: false,
      basis: "nobody said what a total loss would mean; weights by \(settings.author)")
  }

  func importance() -> Fact {
    Fact(
      name: .importance, distribution: .likely(settings.odds.important, 1, else: 0), known: false,
      basis: "a person's judgement that nobody gave")
  }

  func victims(_ incident: Incident, _ reports: [EffectShelf.Kept], _ trigger: EventReference) -> Fact {
    let names = incident.victims.map(\.operatorName) + reports.map(\.effect.operatorName)
    let count = max(1, names.uniqued().count)
    return Fact(
      name: .victims, distribution: .fixed(Double(count)), known: !names.isEmpty, basis: "operators named: \(count)",
      refs: [trigger])
  }

  /// Only dollars count for DCID's step; other currencies stay unknown rather than be converted by a made-up rate.
  func money(_ reports: [EffectShelf.Kept]) -> Fact {
    summed(.money, .money, reports, currency: "USD", else: .fixed(0)) {
      $0.money.flatMap { $0.currency == "USD" ? $0.amount : nil }
    }
      ?? Fact(name: .money, distribution: .fixed(0), known: false, basis: "no report gives a loss in US dollars")
  }

  /// That at least one technique with this sign was used.
  func probability(of sign: TechniqueSign, in incident: Incident) -> Double {
    probability(that: { $0.sign == sign }, in: incident)
  }

  /// That at least one such technique was used.
  private func probability(that isSuch: (AttackKnowledge.Feature) -> Bool, in incident: Incident) -> Double {
    Reliability.together(
      incident.techniques.filter { summary in
        knowledge.feature(summary.id).map { isSuch(knowledge.features[$0]) } ?? false
      }.map(\.probability))
  }
}
