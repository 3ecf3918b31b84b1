import Assessment
import CasusEvents
import Knowledge

/// Every scale's result over the simulated worlds, side by side. They don't agree, and nothing here merges them.
struct ScaleBook: Sendable {
  let settings: DamageSettings
  let simulation: Simulation
  private let nciss = NCISS()
  private let scales = DamageScales.shared
  private let ladders: Ladders

  init(settings: DamageSettings, simulation: Simulation) {
    self.settings = settings
    self.simulation = simulation
    ladders = Ladders(settings: settings)
  }

  /// All results, and for each open fact the scales it moves with the share of their variance.
  func results() -> (scales: [ScaleResult], influence: [FactName: [String: Double]]) {
    var results: [ScaleResult] = []
    var influence: [FactName: [String: Double]] = [:]
    func add(_ result: ScaleResult, _ values: [Double]) {
      results.append(result)
      for (fact, share) in simulation.influences(on: values) { influence[fact, default: [:]][result.scale] = share }
    }
    let scores = simulation.worlds.map(nciss.score)
    add(ncissResult(scores), scores)
    for ladder in Ladder.all(ladders) {
      let values = simulation.worlds.map { Double(ladder.level($0)) }
      add(result(ladder, values), values)
    }
    let intensity = simulation.worlds.map { ladders.eurepoc($0).weighted }
    add(eurepocResult(intensity), intensity)
    // Where the scale's own "unknown" stands in for a fact, the fact's whole range is asked instead.
    for (name, category) in [(FactName.location, "location"), (.actor, "actor")] {
      guard let fact = simulation.facts.first(where: { $0.name == name }), !fact.known, fact.distribution.isFixed else {
        continue
      }
      let values = nciss.category(category).options.map(\.value)
      let spread = Self.variance(values) * nciss.category(category).weight * nciss.category(category).weight
      let scale = 100 / (nciss.maximum - nciss.minimum)
      let added = spread * scale * scale
      influence[name, default: [:]]["nciss"] = added / (added + Self.variance(scores))
    }
    return (results, influence)
  }

  // MARK: NCISS

  private func ncissResult(_ scores: [Double]) -> ScaleResult {
    let summary = Simulation.summary(scores)
    let rows = simulation.worlds.map(nciss.inputs)
    let total = Self.variance(scores)
    let scale = 100 / (nciss.maximum - nciss.minimum)
    let inputs = nciss.table.categories.enumerated().map { place, category in
      let values = rows.map { $0[place].value }
      let common = Self.commonest(values)
      let facts = Self.facts(of: category.id).compactMap { name in simulation.facts.first { $0.name == name } }
      let share = Self.variance(values) * category.weight * category.weight * scale * scale / max(total, 1e-12)
      return ScaleInput(
        name: category.id, known: facts.allSatisfy(\.known), selected: nciss.option(category.id, common),
        value: common, low: values.min(), high: values.max(),
        basis: facts.map(\.basis).uniqued().joined(separator: "; "),
        influence: total > 1e-12 ? rounded(min(1, share), places: 4) : nil,
        refs: Array(facts.flatMap(\.refs).uniqued().prefix(4)))
    }
    var level: ScaleLevel?
    if !settings.ncissCutoffs.isEmpty {
      func step(_ score: Double) -> Int { settings.ncissCutoffs.count { score >= $0 } }
      level = ScaleLevel(value: step(summary.median), low: step(summary.low), high: step(summary.high))
    }
    return ScaleResult(
      scale: "nciss", title: nciss.table.title, version: nciss.table.version,
      score: ScaleScore(
        value: rounded(summary.median, places: 2),
        interval: Interval(
          low: rounded(summary.low, places: 2), high: rounded(summary.high, places: 2), coverage: 0.9),
        minimum: 0, maximum: 100),
      level: level, inputs: inputs, levelPolicy: level == nil ? nil : settings.author,
      notes: ["CISA calls the values of its demonstration notional and publishes no cut-offs for levels."])
  }

  private static func facts(of category: String) -> [FactName] {
    switch category {
    case "functional-impact": [.service, .essential]
    case "observed-activity": [.phase]
    case "location": [.location]
    case "actor": [.actor]
    case "information-impact": [.records, .theft, .destruction, .credentials]
    case "recoverability": [.repair, .physical, .destruction]
    case "cross-sector-dependency": [.sector]
    default: [.potential]
    }
  }

  // MARK: Ladders

  private func result(_ ladder: Ladder, _ values: [Double]) -> ScaleResult {
    let summary = Simulation.summary(values)
    let table = scales.ladder(ladder.id)!
    let level = Int(summary.median)
    return ScaleResult(
      scale: ladder.id, title: table.title, version: table.version,
      level: ScaleLevel(
        value: level, name: table.levels.first { $0.value == level }?.name, low: Int(summary.low),
        high: Int(summary.high)),
      inputs: inputs(ladder.facts, values), levelPolicy: settings.author, notes: ladder.notes(simulation.worlds))
  }

  private func eurepocResult(_ values: [Double]) -> ScaleResult {
    let summary = Simulation.summary(values)
    let table = scales.ladder("eurepoc")!
    let points = simulation.worlds.map { ladders.eurepoc($0).points }
    let names = ["data theft", "disruption", "hijacking", "physical, spatial", "physical, temporal"]
    let parts = names.indices.map { n in "\(names[n]) \(Int(Self.commonest(points.map { Double($0[n]) })))" }
    return ScaleResult(
      scale: "eurepoc", title: table.title, version: table.version,
      score: ScaleScore(
        value: rounded(summary.median, places: 2),
        interval: Interval(low: summary.low, high: summary.high, coverage: 0.9), minimum: 0, maximum: 15),
      inputs: inputs([.theft, .service, .hours, .hijacking, .physical, .repair, .importance], values),
      notes: ["Likeliest points, each 0 to 2: \(parts.joined(separator: ", "))."])
  }

  private func inputs(_ names: [FactName], _ values: [Double]) -> [ScaleInput] {
    let influence = simulation.influences(on: values)
    // What nobody said and what moves nothing here stands among the unknown inputs, not on every scale; what was said and cannot
    // be stands where it was said.
    let facts = names.compactMap { name in simulation.facts.first { $0.name == name } }
      .filter { $0.known || influence[$0.name] != nil || !$0.leftOut.isEmpty }
    return facts.map { fact in
      let range = fact.distribution.range
      return ScaleInput(
        name: fact.name.title, known: fact.known, selected: fact.selected,
        value: rounded(fact.distribution.best, places: 2), low: rounded(range.low, places: 2),
        high: rounded(range.high, places: 2), basis: fact.basis,
        influence: influence[fact.name].map { rounded($0, places: 4) }, refs: Array(fact.refs.prefix(4)))
    }
  }

  static func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  }

  /// The most frequent value, of several the smallest.
  static func commonest(_ values: [Double]) -> Double {
    var counts: [Double: Int] = [:]
    for value in values { counts[value, default: 0] += 1 }
    return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
  }
}

extension Fact {
  /// The best value in words, where the number alone says little.
  var selected: String? {
    let best = distribution.best
    switch name {
    case .service: return ["untouched", "unimpaired", "minimal", "significant", "denied", "out of control"][Int(best)]
    case .essential, .destruction, .credentials, .importance: return best >= 0.5 ? "yes" : "no"
    case .phase: return Phase.allCases[min(3, Int(best))].rawValue
    case .physical: return ["none", "local", "widespread"][Int(best)]
    default: return nil
    }
  }
}
