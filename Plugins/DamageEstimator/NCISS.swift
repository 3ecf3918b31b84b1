import CasusEvents
import Knowledge

/// CISA's National Cyber Incident Scoring System with the values of its public demonstration, which CISA calls notional:
/// `100·(Σ wᵢ·sᵢ − min)/(max − min)`, 0...100.
struct NCISS: Sendable {
  let table: DamageScales.Scored
  let minimum: Double
  let maximum: Double

  init(_ table: DamageScales.Scored = DamageScales.shared.nciss) {
    self.table = table
    minimum = table.categories.reduce(0) { $0 + $1.weight * ($1.options.map(\.value).min() ?? 0) }
    maximum = table.categories.reduce(0) { $0 + $1.weight * ($1.options.map(\.value).max() ?? 0) }
  }

  func category(_ id: String) -> DamageScales.Category { table.categories.first { $0.id == id }! }

  /// Of an option; nil where the category doesn't have it.
  func value(_ category: String, _ option: String) -> Double? {
    self.category(category).options.first { $0.id == option }?.value
  }

  /// The option with a value; of two with the same the first.
  func option(_ category: String, _ value: Double) -> String? {
    self.category(category).options.first { $0.value == value }?.id
  }

  /// The exact score of one option for each category; nil where one is missing or unknown.
  func score(_ selections: [String: String]) -> Double? {
    var sum = 0.0
    for category in table.categories {
      guard let option = selections[category.id], let value = value(category.id, option) else { return nil }
      sum += category.weight * value
    }
    return score(weightedSum: sum)
  }

  func score(weightedSum: Double) -> Double {
    min(100, max(0, 100 * (weightedSum - minimum) / (maximum - minimum)))
  }

  /// The score of a world.
  func score(_ world: World) -> Double {
    score(weightedSum: zip(table.categories, inputs(world)).reduce(0) { $0 + $1.0.weight * $1.1.value })
  }

  /// The eight values of a world, in the order of the table.
  func inputs(_ world: World) -> [(id: String, value: Double)] {
    table.categories.map { category in
      let value: Double =
        switch category.id {
        case "functional-impact": functionalImpact(world)
        case "observed-activity": [40, 70, 80, 100][min(3, max(0, Int(world[.phase])))]
        case "location": world[.location]
        case "actor": world[.actor]
        case "information-impact": informationImpact(world)
        case "recoverability": recoverability(world)
        case "cross-sector-dependency": world[.sector]
        default: world[.potential]
        }
      return (category.id, value)
    }
  }

  private func functionalImpact(_ world: World) -> Double {
    switch (world.service, world.isEssential) {
    case (.untouched, _): 0
    case (.unimpaired, _): 20
    case (.minimal, false): 35
    case (.minimal, true): 40
    case (.significant, false): 50
    case (.denied, false): 60
    case (.significant, true): 70
    case (.denied, true), (.outOfControl, _): 100
    }
  }

  /// The worst of what holds. Records count as data of people, other data as the owner's, both by how deep they lay.
  private func informationImpact(_ world: World) -> Double {
    let isCritical = world[.location] >= 70
    var worst = world[.phase] >= 2 ? 10.0 : 0
    if world[.records] >= 1 { worst = max(worst, 20) }
    if world[.theft] >= 1 { worst = max(worst, isCritical ? 70 : 50) }
    if world[.destruction] >= 1 { worst = max(worst, isCritical ? 100 : 60) }
    if world[.credentials] >= 1 { worst = max(worst, 80) }
    return worst
  }

  /// CISA names the steps and no measure: here a day is regular, a week needs more, what is destroyed or broken takes
  /// long, and what is broken widely doesn't come back as it was.
  private func recoverability(_ world: World) -> Double {
    if world[.physical] >= 2 { return 100 }
    let hours = world.isImpaired ? world[.repair] : 0
    if world[.physical] >= 1 || world[.destruction] >= 1 || hours >= 168 { return 60 }
    return hours >= 24 ? 40 : 20
  }
}
