public import CasusEvents
public import CasusLedger

/// The part of a journal that one question about cases needs, in place of the whole: the fold over it says the same as the fold
/// over everything. A namespace.
public enum CaseSlice {
  /// In rising order of sequence.
  public enum Item: Sendable {
    /// Named by something, and itself not shown.
    case entry(EvidenceEntry)
    /// Replaced by a newer one, or not shown.
    case facts(EventFacts, Citation, EvidenceEntry)
    case event(RecordedEvent, EvidenceEntry)
  }

  /// A stretch of the journal, for who goes on with a slice that ends before it, or wants one as it was.
  public struct Window: Hashable, Sendable {
    /// The last sequence that is known already.
    public var after: UInt64
    /// The last sequence that is looked at.
    public var through: UInt64

    public init(after: UInt64 = 0, through: UInt64 = .max) {
      self.after = after
      self.through = through
    }
  }

  /// What an index has of an event that belongs to an incident or a case.
  public struct Row: Sendable {
    public var facts: EventFacts
    public var citation: Citation
    public var entry: EvidenceEntry
    /// The whole event, where the index keeps it: always that of a statement.
    public var event: RecordedEvent?

    public init(_ facts: EventFacts, _ citation: Citation, _ entry: EvidenceEntry, _ event: RecordedEvent?) {
      self.facts = facts
      self.citation = citation
      self.entry = entry
      self.event = event
    }
  }
}

extension CaseLookup {
  public func rows(of topic: Topic) throws -> [CaseSlice.Row] { try rows(of: topic, in: CaseSlice.Window()) }
}

/// What an index by case and incident answers. Nothing here waits or changes anything.
public protocol CaseLookup {
  /// The rows of a topic in a window, in rising order of sequence.
  func rows(of topic: Topic, in window: CaseSlice.Window) throws -> [CaseSlice.Row]
  /// The incident that a case was opened on; nil where there is no such case.
  func incident(of caseID: String) throws -> String?
  /// Every event with that digest that can be evidence, in rising order: mostly one.
  func entries(of digest: SHA256Digest) throws -> [EvidenceEntry]
  /// The journal's Merkle root when `size` was its last sequence; nil where nobody knows it.
  func root(at size: UInt64) throws -> SHA256Digest?
  /// Over all events so far; nil when too many are missing.
  var tree: JournalTree? { get }
  /// The stamp of the journal's last event.
  var last: Stamp? { get }
}

/// Picks a slice out of an index, and says which whole events it still wants.
///
///     var plan = try CaseSlicePlan(cases: ["C-1"], in: index, content: .shown)
///     while !plan.wanted.isEmpty { try plan.take(…those events…, from: index) }
///     let projection = try plan.projection(policies, from: index)
public struct CaseSlicePlan: Sendable {
  public enum Content: Sendable {
    /// Lists: who said what, and whether it counts.
    case none
    /// The newest of everything, and what it names.
    case shown
  }

  /// Sequences of events that are wanted whole.
  public private(set) var wanted: Set<UInt64> = []
  private var items: [UInt64: CaseSlice.Item] = [:]
  private var sizes: Set<UInt64> = []
  private let content: Content
  private let window: CaseSlice.Window
  private let cases: [String]
  private var incidents: Set<String> = []
  /// Digests that something names, found or not.
  public private(set) var named: Set<SHA256Digest>
  private var step = 0

  /// - Parameters:
  ///   - cases: each with the incident that it was opened on.
  ///   - incidents: further ones.
  ///   - named: what the slice before this window named: it may have come since, or again.
  public init(
    cases: [String], incidents: [String] = [], in index: some CaseLookup, content: Content,
    window: CaseSlice.Window = CaseSlice.Window(), named: Set<SHA256Digest> = []
  ) throws {
    self.cases = cases
    self.content = content
    self.window = window
    self.named = named
    self.incidents = Set(incidents)
    for id in cases {
      let rows = try index.rows(of: .case(id), in: window)
      items.merge(rows.map { ($0.entry.sequence, Self.item($0)) }) { first, _ in first }
      if let incident = try index.incident(of: id) { self.incidents.insert(incident) }
      for row in rows {
        guard let snapshot = row.event?.claimedSnapshot else { continue }
        // Whether a statement rests on what it says the fold finds out.
        if let size = UInt64(snapshot.treeSize) { sizes.insert(size) }
        self.named.formUnion(snapshot.events.compactMap { SHA256Digest(hex: $0.sha256) })
      }
    }
    for id in self.incidents.sorted() {
      let rows = try index.rows(of: .incident(id), in: window)
      items.merge(rows.map { ($0.entry.sequence, Self.item($0)) }) { first, _ in first }
      for row in rows { self.named.formUnion(row.facts.incident?.named ?? []) }
    }
    try find(self.named, in: index)
    if content == .shown { wantNewest() }
  }

  private static func item(_ row: CaseSlice.Row) -> CaseSlice.Item {
    row.event.map { .event($0, row.entry) } ?? .facts(row.facts, row.citation, row.entry)
  }

  private mutating func find(_ digests: Set<SHA256Digest>, in index: some CaseLookup) throws {
    for digest in digests {
      for entry in try index.entries(of: digest) where entry.sequence <= window.through && items[entry.sequence] == nil
      {
        items[entry.sequence] = .entry(entry)
      }
    }
  }

  /// The newest of each line, as a fold without contents finds it.
  private mutating func wantNewest() {
    var trial = CaseProjection(policies: [])
    for item in ordered { trial.take(item) }
    var citations = incidents.compactMap { trial.incidents[$0] }.flatMap(\.assessments)
    citations += cases.compactMap { trial.cases[$0] }.flatMap(\.consultations.newest)
    want(citations.map(\.number))
  }

  private mutating func want(_ sequences: some Sequence<UInt64>) {
    wanted = Set(
      sequences.filter { sequence in if case .event? = items[sequence] { false } else { items[sequence] != nil } })
  }

  /// What was picked so far, in rising order.
  public var ordered: [CaseSlice.Item] { items.keys.sorted().compactMap { items[$0] } }

  /// Takes the events that were wanted, and may want more.
  ///
  /// Throws `CaseError.evidence` when one is not there, `index` when it is another than the index knows.
  public mutating func take(_ events: [UInt64: RecordedEvent], from index: some CaseLookup) throws {
    for sequence in wanted {
      guard let event = events[sequence] else {
        throw CaseError(.evidence, "event \(sequence) can no longer be read from the journal")
      }
      let entry = items[sequence]?.entry
      guard let entry, entry.digest == event.digest else {
        throw CaseError(.index, "event \(sequence) is another one than the index knows")
      }
      items[sequence] = .event(event, entry)
    }
    let taken = wanted.sorted().compactMap { events[$0] }
    wanted = []
    step += 1
    guard step == 1 else { return }
    var observed: Set<SHA256Digest> = []
    for event in taken {
      // What an assessment refers to is shown with its place.
      try find(Set(event.namedDigests), in: index)
      guard event.envelope.type == .incident, let incident = try? event.data(as: Incident.self) else { continue }
      observed.formUnion((incident.detections + incident.effects).compactMap { SHA256Digest(hex: $0.sha256) })
    }
    want(try observed.flatMap { try index.entries(of: $0) }.map(\.sequence))
  }

  /// The fold over the slice. Throws `CaseError.evidence` for an event that is not as its type says.
  public func projection(_ policies: [CasePolicy], from index: some CaseLookup) throws -> CaseProjection {
    precondition(wanted.isEmpty, "a slice was asked for before all of it was there")
    var slice = self
    if content == .shown { try slice.addDisputes(from: index) }
    var projection = CaseProjection(policies: policies)
    projection.stand(on: try history(from: index), last: index.last)
    for item in slice.ordered { projection.take(item) }
    if let unreadable = projection.findings.first(where: { $0.code == .unreadable }) {
      throw CaseError(.evidence, "event \(unreadable.about.sequence) cannot be read: \(unreadable.message)")
    }
    return projection
  }

  /// The journal's tree, with the roots that the slice's statements name.
  public func history(from index: some CaseLookup) throws -> JournalHistory? {
    var roots: [UInt64: SHA256Digest] = [:]
    for size in sizes { roots[size] = try index.root(at: size) }
    return index.tree.map { JournalHistory($0, roots: roots) }
  }

  /// Every dispute about what is here, and what takes such a dispute's place, and so on.
  private mutating func addDisputes(from index: some CaseLookup) throws {
    var open = items.values.compactMap { item -> String? in
      if case .entry = item { nil } else { item.entry.digest.hex }
    }
    var seen = Set(open)
    while let digest = open.popLast() {
      for row in try index.rows(of: .event(digest), in: window) where row.facts.kind == .dispute {
        items[row.entry.sequence] = Self.item(row)
        let own = row.entry.digest.hex
        if seen.insert(own).inserted { open.append(own) }
      }
    }
  }
}

extension CaseSlice.Item {
  var entry: EvidenceEntry {
    switch self {
    case .entry(let entry), .facts(_, _, let entry), .event(_, let entry): entry
    }
  }
}

extension RecordedEvent {
  /// The evidence that a statement names, **not verified**; nil for what is no statement.
  fileprivate var claimedSnapshot: EvidenceSnapshot? {
    switch envelope.type {
    case .position: try? data(as: Position.self).statement().snapshot
    case .decision: try? data(as: Decision.self).statement().snapshot
    default: nil
    }
  }

  /// What an assessment refers to.
  fileprivate var namedDigests: [SHA256Digest] {
    var references: [EventReference] = []
    if let it = try? data(as: Attribution.self) {
      references = it.named
    } else if let it = try? data(as: Purpose.self) {
      references = it.named
    } else if let it = try? data(as: Damage.self) {
      references = it.named
    }
    return references.compactMap { SHA256Digest(hex: $0.sha256) }
  }
}
