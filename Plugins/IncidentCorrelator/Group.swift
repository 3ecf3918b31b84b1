import CasusEvents

/// Evidence that belongs together, and what was last published of it. An incident once it is worth one.
struct Group: Codable, Sendable {
  /// Of the first item ever: the incident's name follows from it.
  let founder: ItemKey
  /// The events that it is made of, by key.
  private(set) var items: [ItemKey: Item] = [:]
  /// Why items came together, and how often.
  var reasons: [LinkKey: Int] = [:]
  private(set) var techniques: [String: TechniqueTally] = [:]
  private(set) var software: [String: SoftwareTally] = [:]
  private(set) var detectionCount = 0
  private var assets: Set<String> = []
  private var victims: Set<String> = []
  private var effectKeys: Set<ItemKey> = []
  private var location: Location?
  private var tlp = TLP.clear
  private var highestSeverity = 0
  /// Grows with everything that could make a revision worth while, so that what repeats is passed over quickly.
  private(set) var changes = 0
  private(set) var lastSeen = Timestamp(nanoseconds: .min)
  /// The latest time that any of its events gives itself.
  private(set) var latestTime = Timestamp(nanoseconds: .min)
  /// What was last published; nil as long as nothing was.
  var published: Publication?
  /// Of a source that has opened more incidents than it may: what stands alone is gathered here. Links nothing.
  private(set) var isFold = false
  /// Events that are counted and not kept.
  private(set) var counted = Counted()
  /// The order in which groups were first published; the older one survives a merge.
  var rank: Int?

  struct Counted: Codable, Sendable {
    var detections = 0
    var effects = 0
  }

  struct TechniqueTally: Codable, Sendable {
    var domain: TechniqueDomain
    var count = 0
    var first: Timestamp
    var last: Timestamp
    var says = Opinions()

    /// That it was used at least once.
    var probability: Double { says.probability }
  }

  struct SoftwareTally: Codable, Sendable {
    var software: Software
    var says = Opinions()
    var probability: Double { says.probability }
  }

  /// What rules say of one thing: what different rules say counts as independent, what one rule repeats does not.
  struct Opinions: Codable, Sendable {
    private var byAnalytic: [String: Double] = [:]
    /// 1 − ∏(1 − p), at most 0.99: no number of rules makes a thing certain.
    private(set) var probability = 0.0

    /// True when it changes anything.
    mutating func add(_ probability: Double, by analytic: String) -> Bool {
      if let known = byAnalytic[analytic], known >= probability { return false }
      byAnalytic[analytic] = probability
      // In one order, since floating point isn't associative and the result has to repeat bit by bit.
      var none = 1.0
      for (_, probability) in byAnalytic.sorted(by: { $0.key < $1.key }) { none *= 1 - probability }
      self.probability = min(0.99, 1 - none)
      return true
    }
  }

  struct Publication: Codable, Sendable {
    var incident: Incident
    var reference: EventReference
    var time: Timestamp
    var content: Content
    var changes: Int
  }

  /// What a new revision is worth: when none of this changed, the next one waits until the detections have doubled.
  struct Content: Codable, Hashable, Sendable {
    var techniques: Set<String>
    var software: Set<String>
    var assets: Set<String>
    var victims: Set<String>
    var phase: Phase
    var effects: Set<ItemKey>
    var location: Location?
    var tlp: TLP
  }

  /// The same in every order of the inputs that has the same first item, and each correlator's own: two of them are not of one mind
  /// about what belongs together.
  let incident: String

  /// - Parameter source: the correlator's.
  init(founder: ItemKey, source: String) {
    self.init(founder: founder, incident: derivedID("incident", source, founder.source, founder.id))
  }

  private init(founder: ItemKey, incident: String) {
    self.founder = founder
    self.incident = incident
  }

  /// A group for what stands alone.
  ///
  /// - Parameter source: the correlator's.
  init(foldOf folded: String, number: Int, source: String) {
    self.init(founder: ItemKey(source: folded, id: "folded \(number)"), source: source)
    isFold = true
  }

  /// Events kept of a fold as its witnesses; the others are counted.
  static let mostWitnesses = 256

  mutating func fold(_ item: Item) -> Bool {
    changes += 1
    if items.count < Self.mostWitnesses {
      add(item)
      return true
    }
    if item.isEffect { counted.effects += 1 } else { counted.detections += 1 }
    see(item)
    return false
  }

  /// All of its events.
  var eventCount: Int { items.count + counted.detections + counted.effects }

  /// Whether all of its evidence is one source's.
  func isOnly(of source: String) -> Bool { items.keys.allSatisfy { $0.source == source } }

  mutating func add(_ item: Item) {
    items[item.key] = item
    tally(item)
  }

  /// Costs as much as adding all the others again.
  mutating func remove(_ key: ItemKey) {
    guard items.removeValue(forKey: key) != nil else { return }
    var rest = Group(founder: founder, incident: incident)
    for item in items.values { rest.tally(item) }
    rest.items = items
    rest.reasons = reasons
    rest.published = published
    rest.rank = rank
    rest.isFold = isFold
    rest.counted = counted
    if isFold { (rest.lastSeen, rest.latestTime, rest.tlp) = (lastSeen, latestTime, tlp) }
    rest.changes += changes + 1
    self = rest
  }

  /// Puts an item in the place of one that says nothing that the new one doesn't: costs no more than adding it.
  mutating func replace(_ old: Item, with new: Item) {
    items[old.key] = nil
    if !old.isEffect { detectionCount -= 1 }
    for technique in old.techniques { techniques[technique.id]?.count -= 1 }
    effectKeys.remove(old.key)
    changes += 1
    add(new)
  }

  private mutating func see(_ item: Item) {
    if item.tlp > tlp {
      tlp = item.tlp
      changes += 1
    }
    lastSeen = max(lastSeen, item.last)
    latestTime = max(latestTime, item.time)
  }

  private mutating func tally(_ item: Item) {
    if item.isEffect {
      effectKeys.insert(item.key)
      changes += 1
    } else {
      detectionCount += 1
    }
    if item.isKnownAsset, let asset = item.asset {
      if assets.insert(asset.id).inserted { changes += 1 }
      if (item.phase ?? .prepare) > .prepare { reach(asset.location) }
    }
    if let victim = item.victim, victims.insert(victim.operatorName).inserted { changes += 1 }
    see(item)
    if item.phase != nil, item.severity > highestSeverity {
      highestSeverity = item.severity
      changes += 1
    }
    for technique in item.techniques {
      var tally =
        techniques[technique.id] ?? TechniqueTally(domain: technique.domain, first: item.first, last: item.last)
      tally.count += 1
      tally.first = min(tally.first, item.first)
      tally.last = max(tally.last, item.last)
      if tally.says.add(technique.probability, by: item.analytic) { changes += 1 }
      techniques[technique.id] = tally
    }
    for one in item.software {
      let key = one.id ?? one.name
      if software[key]?.says.add(one.probability ?? 0.5, by: item.analytic) == nil {
        var tally = SoftwareTally(software: one)
        _ = tally.says.add(one.probability ?? 0.5, by: item.analytic)
        software[key] = tally
        changes += 1
      }
    }
  }

  private mutating func reach(_ other: Location?) {
    guard let other, location.map({ other > $0 }) ?? true else { return }
    location = other
    changes += 1
  }
}

extension Group {
  /// In order of time, and of their names where times are equal.
  var sorted: [Item] { items.values.sorted { ($0.first, $0.key) < ($1.first, $1.key) } }

  var effects: [Item] { sorted.filter(\.isEffect) }

  func phase(_ policy: CorrelatorSettings) -> Phase {
    if !effectKeys.isEmpty { return .effect }
    var furthest = Phase.prepare
    for (id, tally) in techniques {
      guard let phase = Phases.phase(of: id), phase > furthest else { continue }
      if tally.probability < policy.techniqueThreshold - 1e-9 { continue }
      // What may be everyday operation still means that someone may be inside.
      let isEffect = phase == .effect && tally.probability >= policy.effectThreshold - 1e-9
      furthest = max(furthest, isEffect ? .effect : min(phase, .presence))
    }
    return furthest
  }

  /// Whether it is worth an incident of its own.
  func isIncident(_ policy: CorrelatorSettings) -> Bool {
    if isFold || !effectKeys.isEmpty || highestSeverity >= policy.openingSeverity { return true }
    let seen = techniques.values.count { $0.probability >= policy.techniqueThreshold - 1e-9 }
    return detectionCount >= policy.openingCount && seen >= 2
  }

  func content(_ policy: CorrelatorSettings) -> Content {
    Content(
      techniques: Set(techniques.filter { $0.value.probability >= policy.techniqueThreshold - 1e-9 }.keys),
      software: Set(software.keys), assets: assets, victims: victims, phase: phase(policy), effects: effectKeys,
      location: location, tlp: tlp)
  }
}
