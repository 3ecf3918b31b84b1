public import CasusCases
public import CasusEvents
import SQLite

/// Cases for who looks at them now: an index brought up to the journal's last event, and the events that are shown.
public struct CaseReader {
  public let index: CaseIndex
  private let source: any CaseSource

  /// What the index answers of some cases and incidents, as the fold over the whole journal would.
  public func projection(
    cases: [String], incidents: [String] = [], policies: [CasePolicy], content: CaseSlicePlan.Content
  ) async throws -> CaseProjection {
    var plan = try CaseSlicePlan(cases: cases, incidents: incidents, in: index, content: content)
    while !plan.wanted.isEmpty {
      var events = try index.kept(plan.wanted)
      let missing = plan.wanted.subtracting(events.keys)
      if !missing.isEmpty {
        let read = try await source.fetch(missing)
        try index.keep(read.values)
        events.merge(read) { first, _ in first }
      }
      try plan.take(events, from: index)
    }
    return try plan.projection(policies, from: index)
  }

  /// What a list shows of a case: its record, and what its incident rests on; nil where there is no such case.
  ///
  /// Where nobody has stated anything yet the incident's revisions decide nothing, and are not looked at.
  public func line(of caseID: String, policies: [CasePolicy]) throws -> (record: CaseRecord, marks: EvidenceMarks)? {
    try index.database.reading {
      guard let incident = try index.incident(of: caseID) else { return nil }
      let rows = try index.rows(of: .case(caseID))
      let isStated = rows.contains { $0.facts.kind == .position || $0.facts.kind == .decision }
      var projection = CaseProjection(policies: policies)
      if isStated {
        projection = try CaseSlicePlan(cases: [caseID], in: index, content: .none).projection(policies, from: index)
      } else {
        for row in rows { if let event = row.event { projection.take(.event(event, row.entry)) } }
      }
      guard let record = projection.cases[caseID] else { return nil }
      return (record, try index.marks(of: incident))
    }
  }

  /// Everything that was signed on a case, whoever signed it: cosigning needs the very bytes.
  public func decisions(on caseID: String) throws -> [Decision] {
    try index.rows(of: .case(caseID)).filter { $0.facts.kind == .decision }
      .compactMap { try $0.event?.data(as: Decision.self) }
  }

  // MARK: Catching up

  /// What happens while an index is brought up to date, in words for people.
  public struct Observer {
    /// That the index is made again, or cannot be kept, and why: one line.
    public var told: (String) -> Void
    /// How far the journal was read.
    public var progress: (UInt64) -> Void

    public init(told: @escaping (String) -> Void, progress: @escaping (UInt64) -> Void = { _ in }) {
      self.told = told
      self.progress = progress
    }

    func remade(_ reason: String) { told("the index of cases is made again: \(reason)") }
    func unkept(_ reason: String) { told("no index of cases is kept: \(reason)") }
  }

  /// Brings an index up to date and asks it. One that is damaged or of another journal is made again; where none can be kept
  /// one is made that is gone at the end.
  ///
  /// - Parameters:
  ///   - folder: where indexes are kept; nil for one that is gone at the end.
  ///   - body: may run twice, so it only reads.
  public static func read<R>(
    _ source: any CaseSource, folder: String?, _ observer: Observer, _ body: (CaseReader) async throws -> R
  ) async throws -> R {
    if let folder {
      do {
        return try await attempt(source, kept(in: folder, source, observer), observer, body)
      } catch let error where isDamage(error) {
        observer.remade("it was damaged: \(error)")
        CaseIndex.remove(for: source.owner, in: folder)
        return try await attempt(source, kept(in: folder, source, observer), observer, body)
      } catch let error as IndexError where error.code == .remade {
        // What the other has made is as good.
        return try await attempt(source, kept(in: folder, source, observer), observer, body)
      } catch let error as IndexError where error.code == .folder {
        observer.unkept(error.message)
      } catch let error as SQLiteError {
        observer.unkept("\(error)")
      }
    }
    return try await attempt(source, CaseIndex(temporary: source.owner), observer, body)
  }

  private static func isDamage(_ error: any Error) -> Bool {
    switch error {
    case let error as SQLiteError: error.isDamage
    case let error as IndexError: error.code == .damaged
    case let error as CaseError: error.code == .index
    default: false
    }
  }

  private static func kept(in folder: String, _ source: any CaseSource, _ observer: Observer) throws -> CaseIndex {
    let (index, remade) = try CaseIndex.open(in: folder, for: source.owner)
    if let remade { observer.remade(remade) }
    if index.last != nil, try index.isOutlived(by: source.first) {
      observer.remade("the journal begins at \(source.first) now")
      try index.makeAgain()
    }
    try index.forget(before: source.first)
    return index
  }

  private static func attempt<R>(
    _ source: any CaseSource, _ index: CaseIndex, _ observer: Observer, _ body: (CaseReader) async throws -> R
  ) async throws -> R {
    try await catchUp(index, source, observer)
    return try await body(CaseReader(index: index, source: source))
  }

  private static func catchUp(_ index: CaseIndex, _ source: any CaseSource, _ observer: Observer) async throws {
    if let last = index.last, let digest = index.lastDigest {
      // It may lie beyond the end that the source knew of: another command may have come further since.
      let start = min(last.sequence, max(source.last, 1))
      let found = try await add(from: start, of: source, to: index, behind: (last, digest), observer)
      if found == true { return }
      // In a journal that was restored and went on another event stands there.
      observer.remade(
        found == nil
          ? "the journal ends before event \(last.sequence), to which it had come"
          : "event \(last.sequence) is another one now")
      try index.makeAgain()
    }
    _ = try await add(from: 1, of: source, to: index, behind: nil, observer)
  }

  /// Events that are added together: what others wait for meanwhile is short, and what memory holds is small.
  private static let most = (events: 4096, bytes: 8 << 20)

  /// The last event that is known is read once more, and has to be the same. False when it is not, nil when it is not there.
  private static func add(
    from sequence: UInt64, of source: any CaseSource, to index: CaseIndex, behind known: (Stamp, SHA256Digest)?,
    _ observer: Observer
  ) async throws -> Bool? {
    var batch: [RecordedEvent] = []
    var bytes = 0
    var isKnown: Bool? = known == nil ? true : nil
    do {
      try await source.read(from: sequence) { event in
        if isKnown == nil, let (stamp, digest) = known {
          if event.stamp.sequence < stamp.sequence { return }
          let isSame = event.stamp.sequence == stamp.sequence && event.stamp.recorded == stamp.recorded
          isKnown = isSame && event.digest == digest
          if isKnown == true { return }
        }
        guard isKnown == true else { throw Stopped() }
        batch.append(event)
        bytes += event.withUnsafeBytes(\.count)
        guard batch.count >= most.events || bytes >= most.bytes else { return }
        try index.add(batch)
        batch.removeAll(keepingCapacity: true)
        bytes = 0
        observer.progress(event.stamp.sequence)
      }
    } catch is Stopped {
      return false
    }
    if !batch.isEmpty { try index.add(batch) }
    return isKnown
  }

  private struct Stopped: Error {}
}
