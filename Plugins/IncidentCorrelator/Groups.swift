import CasusEvents

/// The groups of one world, and where each item is.
struct Groups: Sendable {
  let exercise: Bool
  private(set) var groups: [Int: Group] = [:]
  private var places: [ItemKey: Int] = [:]
  /// The event that stands for a finding or a report now.
  private var current: [ItemKey: ItemKey] = [:]
  private var index = LinkIndex()
  /// Events that others have taken the place of: one that is delivered again must not come back.
  private var retired = RecentKeys()
  private var created = 0
  private var ranks = 0

  init(exercise: Bool) { self.exercise = exercise }

  mutating func take(_ change: Change, _ policy: CorrelatorSettings, source: String) throws(EventError) -> [Draft] {
    let item = change.item
    guard places[item.key] == nil, !retired.contains(item.key) else { return [] }
    var writer = IncidentWriter(
      policy: policy, source: source, exercise: exercise, cause: .init(id: item.key.id, time: item.time, tlp: item.tlp))
    var affected: Set<Int> = []
    var home: Int?
    if let old = predecessor(of: change) {
      home = old.group
      affected.insert(old.group)
      if !change.isWithdrawn, change.isEvidence, item.covers(old.item) {
        replace(old.item, with: item, in: old.group)
        return try publish(affected, &writer)
      }
      remove(old.item, from: old.group)
    }
    if !change.isWithdrawn, change.isEvidence {
      let place = join(item, home: home, &writer, &affected, policy)
      affected.insert(place)
      if places.count > policy.maximumItems { closeTheQuietest(except: place, &writer, &affected, policy) }
    }
    return try publish(affected, &writer)
  }

  /// Says all that is known of an incident, also what was not worth a revision by itself.
  mutating func bringUpToDate(
    _ incident: String, _ policy: CorrelatorSettings, source: String, cause: IncidentWriter.Cause
  ) throws(EventError) -> [Draft] {
    guard let place = groups.first(where: { $0.value.rank != nil && $0.value.incident == incident })?.key,
      var group = groups[place]
    else { return [] }
    var writer = IncidentWriter(policy: policy, source: source, exercise: exercise, cause: cause)
    _ = try writer.publish(&group, all: true)
    groups[place] = group
    return try writer.finish()
  }

  /// The item that an event stands in for: the one it names, where it may take its place, or the last of the same finding or
  /// report of the same source.
  private func predecessor(of change: Change) -> (item: Item, group: Int)? {
    var key = current[change.item.replacementKey]
    if let named = change.supersedes, Succession.allows(change.item.key.source, toReplace: named.source) {
      let namedKey = ItemKey(source: named.source, id: named.id)
      if places[namedKey] != nil { key = namedKey }
    }
    guard let key, let group = places[key], let item = groups[group]?.items[key] else { return nil }
    return (item, group)
  }

  private mutating func replace(_ old: Item, with new: Item, in group: Int) {
    groups[group]?.replace(old, with: new)
    places[old.key] = nil
    retired.insert(old.key)
    enter(new, in: group)
  }

  private mutating func remove(_ item: Item, from group: Int) {
    groups[group]?.remove(item.key)
    places[item.key] = nil
    retired.insert(item.key)
    if current[item.replacementKey] == item.key { current[item.replacementKey] = nil }
    index.rebuild(group, forgetting: item.links, items: groups[group]?.items.values.map { $0 } ?? [])
  }

  private mutating func enter(_ item: Item, in group: Int) {
    places[item.key] = group
    current[item.replacementKey] = item.key
    index.add(item, to: group)
  }

  /// Puts an item where it belongs, merging what it connects; the group it ends in.
  private mutating func join(
    _ item: Item, home: Int?, _ writer: inout IncidentWriter, _ affected: inout Set<Int>, _ policy: CorrelatorSettings
  ) -> Int {
    let linked = index.groups(linkedTo: item, policy)
    var candidates = Set(linked.map(\.group))
    if let home { candidates.insert(home) }
    let place: Int
    if let survivor = candidates.min(by: { age($0) < age($1) }) {
      place = survivor
      for other in candidates.sorted() where other != survivor {
        merge(other, into: survivor, &writer)
        affected.remove(other)
      }
    } else {
      created += 1
      place = created
      groups[place] = Group(founder: item.key, source: writer.source)
    }
    for (_, link) in linked { groups[place]?.reasons[link, default: 0] += 1 }
    groups[place]?.add(item)
    enter(item, in: place)
    return place
  }

  /// Published ones first, in the order in which they were; then by creation.
  private func age(_ group: Int) -> (Int, Int) { (groups[group]?.rank ?? Int.max, group) }

  private mutating func merge(_ absorbed: Int, into survivor: Int, _ writer: inout IncidentWriter) {
    guard let group = groups.removeValue(forKey: absorbed), let name = groups[survivor]?.incident else { return }
    index.rebuild(absorbed, forgetting: group.items.values.flatMap(\.links), items: [])
    for item in group.sorted {
      groups[survivor]?.add(item)
      enter(item, in: survivor)
    }
    for (link, count) in group.reasons { groups[survivor]?.reasons[link, default: 0] += count }
    writer.close(group, why: "Merged into incident \(name).")
  }

  /// Keeps memory bounded: the groups whose last evidence is oldest are closed and forgotten, until a tenth is free.
  private mutating func closeTheQuietest(
    except kept: Int, _ writer: inout IncidentWriter, _ affected: inout Set<Int>, _ policy: CorrelatorSettings
  ) {
    let byAge = groups.map { (last: $0.value.lastSeen, place: $0.key) }.sorted {
      ($0.last, $0.place) < ($1.last, $1.place)
    }
    for (_, place) in byAge where place != kept {
      guard places.count > policy.maximumItems / 10 * 9 else { return }
      guard let group = groups.removeValue(forKey: place) else { continue }
      index.rebuild(place, forgetting: group.items.values.flatMap(\.links), items: [])
      for item in group.items.values {
        places[item.key] = nil
        if current[item.replacementKey] == item.key { current[item.replacementKey] = nil }
      }
      affected.remove(place)
      writer.close(group, why: "Closed: quiet for longest while the correlator holds as much evidence as it may.")
    }
  }

  private mutating func publish(_ affected: Set<Int>, _ writer: inout IncidentWriter) throws(EventError) -> [Draft] {
    for place in affected.sorted() {
      guard var group = groups[place] else { continue }
      if try writer.publish(&group) {
        if group.rank == nil {
          ranks += 1
          group.rank = ranks
        }
      }
      groups[place] = group.items.isEmpty ? nil : group
    }
    return try writer.finish()
  }
}

/// The last keys that were entered, 20,000 at least and 40,000 at most.
private struct RecentKeys: Sendable {
  private var newer: Set<ItemKey> = []
  private var older: Set<ItemKey> = []

  func contains(_ key: ItemKey) -> Bool { newer.contains(key) || older.contains(key) }

  mutating func insert(_ key: ItemKey) {
    newer.insert(key)
    if newer.count >= 20_000 {
      older = newer
      newer = []
    }
  }
}
