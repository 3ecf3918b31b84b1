import Assessment
import CasusEvents
import SeededRandom

/// Worlds drawn from the facts, and what each scale says over them. Deterministic: equal facts, seed and count give
/// equal results. Costs `samples` × (facts + scales) small steps.
struct Simulation: Sendable {
  let facts: [Fact]
  let worlds: [World]

  /// Facts that aren't given count as the fixed 0.
  init(_ facts: [Fact], seed: SeededGenerator, samples: Int) {
    self.facts = facts
    var distributions = [Distribution](repeating: .fixed(0), count: FactName.allCases.count)
    for fact in facts { distributions[fact.name.rawValue] = fact.distribution }
    var generator = seed
    worlds = (0..<samples).map { _ in World(distributions, using: &generator) }
  }

  /// The median and the bounds that leave 5 % on either side.
  static func summary(_ values: [Double]) -> (median: Double, low: Double, high: Double) {
    let sorted = values.sorted()
    func at(_ q: Double) -> Double { sorted[min(sorted.count - 1, Int(q * Double(sorted.count)))] }
    return (at(0.5), at(0.05), at(0.95))
  }

  /// The share of a result's variance that each open fact explains by itself (Sobol's first-order index, estimated by
  /// the variance of the means over at most ten bins of the fact). Shares below 1 % are noise and left out.
  func influences(on values: [Double]) -> [FactName: Double] {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    guard variance > 1e-12 else { return [:] }
    var shares: [FactName: Double] = [:]
    for fact in facts where !fact.distribution.isFixed {
      var bins: [Int: (sum: Double, count: Double)] = [:]
      let bin = binning(fact)
      for (world, value) in zip(worlds, values) {
        let key = bin(world[fact.name])
        let old = bins[key] ?? (0, 0)
        bins[key] = (old.sum + value, old.count + 1)
      }
      // Bins differ by chance too; what chance alone gives is taken off.
      let between = bins.keys.sorted().reduce(0) { sum, key in
        let (total, n) = bins[key]!
        return sum + n * (total / n - mean) * (total / n - mean)
      }
      let share = (between / count - variance * Double(bins.count - 1) / count) / variance
      if share >= 0.01 { shares[fact.name] = min(1, share) }
    }
    return shares
  }

  private func binning(_ fact: Fact) -> (Double) -> Int {
    switch fact.distribution {
    case .fixed: return { _ in 0 }
    case .options(let options):
      let values = options.map(\.value)
      return { value in values.firstIndex(of: value) ?? 0 }
    case .triangular, .logUniform, .pool, .sum:
      let edges = (1..<10).map { fact.distribution.value(at: Double($0) / 10) }
      return { value in edges.count { value >= $0 } }
    }
  }
}
