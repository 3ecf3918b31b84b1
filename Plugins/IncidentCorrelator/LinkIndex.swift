import CasusEvents

/// Which groups have which link, and when. Looking an item up costs its own links, however many items there are.
struct LinkIndex: Codable, Sendable {
  private struct Span: Codable, Sendable {
    var first: Timestamp
    var last: Timestamp
  }

  private var spans: [LinkKey: [Int: Span]] = [:]

  /// Groups that have one of the item's links near enough in time, each with the strongest link, in the order of groups.
  func groups(linkedTo item: Item, _ policy: CorrelatorSettings) -> [(group: Int, link: LinkKey)] {
    var found: [Int: LinkKey] = [:]
    for link in item.links {
      guard let groups = spans[link] else { continue }
      if link.kind == .indicator, groups.count >= policy.commonIndicator { continue }
      let window = Self.window(link.kind, policy)
      for (group, span) in groups where Self.isNear(item, span, window) {
        found[group] = max(found[group] ?? link, link)
      }
    }
    return found.map { ($0.key, $0.value) }.sorted { $0.group < $1.group }
  }

  mutating func add(_ item: Item, to group: Int) {
    for link in item.links {
      var span = spans[link]?[group] ?? Span(first: item.first, last: item.last)
      span.first = min(span.first, item.first)
      span.last = max(span.last, item.last)
      spans[link, default: [:]][group] = span
    }
  }

  /// Forgets a group and enters what is left of it anew.
  mutating func rebuild(_ group: Int, forgetting links: some Sequence<LinkKey>, items: some Sequence<Item>) {
    for link in links {
      spans[link]?[group] = nil
      if spans[link]?.isEmpty ?? false { spans[link] = nil }
    }
    for item in items { add(item, to: group) }
  }

  private static func window(_ kind: LinkKey.Kind, _ policy: CorrelatorSettings) -> Int64 {
    let hours =
      switch kind {
      case .operatorName, .network: policy.operatorWindowHours
      case .asset, .host: policy.hostWindowHours
      case .indicator: policy.indicatorWindowHours
      }
    return Int64(hours) * 3_600_000_000_000
  }

  private static func isNear(_ item: Item, _ span: Span, _ window: Int64) -> Bool {
    item.first.since(span.last) <= window && span.first.since(item.last) <= window
  }
}
