/// How many of each holder's go where some have to: one after another of whoever has most.
public enum FairShares {
  /// - Parameters:
  ///   - held: how many each has.
  ///   - surplus: how many have to go, at most all.
  /// - Returns: how many each loses, without those that lose none. Of those that have equally many the first by name loses.
  public static func losses(of held: [String: Int], down surplus: Int) -> [String: Int] {
    func above(_ level: Int) -> Int { held.values.reduce(0) { $0 + max(0, $1 - level) } }
    // The lowest level that all can be brought down to, and one more of some.
    var level = 0
    var high = held.values.max() ?? 0
    while level < high {
      let middle = level + (high - level) / 2
      if above(middle) <= surplus { high = middle } else { level = middle + 1 }
    }
    var losses = held.mapValues { max(0, $0 - level) }.filter { $0.value > 0 }
    let rest = surplus - above(level)
    guard level > 0, rest > 0 else { return losses }
    let levelled = held.filter { $0.value >= level }.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    for name in levelled.prefix(rest) { losses[name, default: 0] += 1 }
    return losses
  }

  /// Those of some that stay where at most `limit` may, in their order: the last ones of each.
  public static func latest<Element>(
    _ limit: Int, of elements: [Element], by name: (Element) -> String
  ) -> [Element] {
    guard elements.count > limit else { return elements }
    let held = elements.reduce(into: [String: Int]()) { $0[name($1), default: 0] += 1 }
    var losses = losses(of: held, down: elements.count - max(0, limit))
    return elements.filter { element in
      guard let loss = losses[name(element)], loss > 0 else { return true }
      losses[name(element)] = loss - 1
      return false
    }
  }
}
