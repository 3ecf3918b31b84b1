import CasusEvents

/// The groups of one world, and where each item is.
struct Groups: Codable, Sendable {
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
  private(set) var budget = SourceBudget()

  init(exercise: Bool) { self.exercise = exercise }

  mutating func take(_ change: Change, _ policy: CorrelatorSettings, source: String) throws(EventError) -> [Draft] {
    let item = change.item
    guard places[item.key] == nil, !retired.contains(item.key) else { return [] }
    budget.count(item.key.source)
    var writer = IncidentWriter(
      policy: policy, source: source, exercise: exercise, cause: .init(id: item.key.id, time: item.time, tlp: item.tlp))
    var affected: Set<Int> = []
    var home: Int?
    if let old = predecessor(of: change) {
      // What was folded is not looked up by: its successor is judged like any other.
      let isFolded = groups[old.group]?.isFold == true
      if !isFolded { home = old.group }
      affected.insert(old.group)
      if !isFolded, !change.isWithdrawn, change.isEvidence, item.covers(old.item) {
        replace(old.item, with: item, in: old.group)
        return try publish(affected, by: item.key.source, &writer)
      }
      remove(old.item, from: old.group)
    }
    if !change.isWithdrawn, change.isEvidence {
      let place = join(item, home: home, &writer, &affected, policy)
      affected.insert(place)
      if places.count > policy.maximumItems { closeTheQuietest(except: place, &writer, &affected, policy) }
    }
    return try publish(affected, by: item.key.source, &writer)
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
    let rest = groups[group].flatMap { $0.isFold ? nil : Array($0.items.values) }
    index.rebuild(group, forgetting: item.links, items: rest ?? [])
  }

  private mutating func enter(_ item: Item, in group: Int) {
    places[item.key] = group
    current[item.replacementKey] = item.key
    if groups[group]?.isFold != true { index.add(item, to: group) }
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
    writer.close(group, into: name)
  }

  /// Keeps memory bounded: groups are closed and forgotten until a tenth is free. Those of the source that holds most go first, so
  /// that a flood of one does not drive out what others found; of these the ones whose last evidence is oldest.
  private mutating func closeTheQuietest(
    except kept: Int, _ writer: inout IncidentWriter, _ affected: inout Set<Int>, _ policy: CorrelatorSettings
  ) {
    var held: [String: Int] = [:]
    for key in places.keys { held[key.source, default: 0] += 1 }
    let heaviest = held.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    let byAge = groups.map { place, group in
      (others: group.founder.source == heaviest ? 0 : 1, last: group.lastSeen, place: place)
    }.sorted { ($0.others, $0.last, $0.place) < ($1.others, $1.last, $1.place) }
    for (_, _, place) in byAge where place != kept {
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

  private mutating func publish(
    _ affected: Set<Int>, by source: String, _ writer: inout IncidentWriter
  ) throws(EventError) -> [Draft] {
    for place in affected.sorted() { try publish(place, by: source, &writer) }
    while budget.allows(source, writer.policy), let place = budget.nextWaiting(of: source) {
      try publish(place, by: source, &writer)
    }
    return try writer.finish()
  }

  private mutating func publish(_ place: Int, by source: String, _ writer: inout IncidentWriter) throws(EventError) {
    guard var group = groups[place] else { return }
    let isAllowed = group.isFold || budget.allows(source, writer.policy)
    switch try writer.publish(&group, isAllowed: isAllowed) {
    case .nothing: break
    case .published:
      if !group.isFold { budget.spend(source) }
      if group.rank == nil {
        ranks += 1
        group.rank = ranks
      }
    case .heldBack:
      // What nobody has heard of and nobody else has seen does not become an incident of its own.
      if group.rank == nil, group.isOnly(of: source) {
        groups[place] = nil
        return try fold(group, place, of: source, &writer)
      }
      budget.wait(place, of: source)
    }
    groups[place] = group.items.isEmpty ? nil : group
  }

  /// Gathers what stands alone in one group of its source.
  private mutating func fold(
    _ group: Group, _ place: Int, of source: String, _ writer: inout IncidentWriter
  ) throws(EventError) {
    index.rebuild(place, forgetting: group.items.values.flatMap(\.links), items: [])
    let fold: Int
    if let known = budget.fold(of: source), groups[known] != nil {
      fold = known
    } else {
      created += 1
      fold = created
      groups[fold] = Group(foldOf: budget.holder(source), number: created, source: writer.source)
      budget.begin(fold, of: source)
    }
    for item in group.sorted {
      if groups[fold]?.fold(item) == true {
        places[item.key] = fold
      } else {
        places[item.key] = nil
        retired.insert(item.key)
        if current[item.replacementKey] == item.key { current[item.replacementKey] = nil }
      }
    }
    budget.folded(group.items.count, of: source)
    try publish(fold, by: source, &writer)
  }
}

/// The last keys that were entered, 20,000 at least and 40,000 at most.
private struct RecentKeys: Codable, Sendable {
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
