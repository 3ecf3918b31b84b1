public import CasusEvents

/// How a report's Admiralty grade becomes r, the probability that the report is true.
public enum Reliability {
  /// The geometric mean of both marks by the numbers that MISP's taxonomy `admiralty-scale` gives them: A and 1 are 1,
  /// each mark below takes a quarter off, E and 5 are 0, and what cannot be judged (F, 6) is 0.5.
  public static func of(_ grade: Admiralty) -> Double {
    let source: Double =
      switch grade.reliability {
      case .a: 1
      case .b: 0.75
      case .c, .f: 0.5
      case .d: 0.25
      case .e: 0
      }
    let credibility = grade.credibility == 6 ? 0.5 : 1 - 0.25 * Double(grade.credibility - 1)
    return (source * min(1, max(0, credibility))).squareRoot()
  }

  /// Of what several say independently of each other: that not all of them are wrong.
  public static func together(_ all: some Sequence<Double>) -> Double {
    1 - all.reduce(1) { $0 * (1 - min(1, max(0, $1))) }
  }
}

extension Sequence where Element: Hashable {
  /// Each element once, in the order of its first appearance.
  public func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
