import CasusEvents
import CasusSensor
import SystemFiles

/// Reads complete files, publishes their reports, and only then remembers them: when the broker has answered, or when an
/// outbox file keeps them until it has. For one task.
struct OutageLoop {
  var folder: DropFolder
  var book: ReportBook
  let settings: OutageSettings
  /// Where the book is kept; nil: nowhere.
  let bookPath: String?
  /// `//jp.exercise/outage-1`: a revision's `supersedes` needs it.
  let source: String
  private(set) var summary: OutageSummary {
    get { book.summary }
    set { book.summary = newValue }
  }

  init(folder: DropFolder, book: ReportBook, settings: OutageSettings, bookPath: String?, source: String) {
    self.folder = folder
    self.book = book
    self.settings = settings
    self.bookPath = bookPath
    self.source = source
  }

  /// One look into the folder.
  mutating func step(publish: ([Draft]) async throws -> [SensorAnswer], log: (SensorNote) -> Void) async throws {
    let wereLeft = folder.left > 0
    let names = try folder.look()
    if folder.left > 0, !wereLeft {
      log(SensorNote("there are more files than one look takes: the others follow", ["left": "\(folder.left)"]))
    }
    for name in names {
      let bytes: [UInt8]
      do throws(SystemError) {
        bytes = try Files.readDropped(folder.path + "/" + name, atMost: settings.mostBytes)
      } catch {
        summary.broken += 1
        let reason = error.isTooLarge ? "it has more than \(settings.mostBytes) bytes (max_bytes)" : error.reason
        log(SensorNote("a file is not read", ["file": name, "reason": reason]))
        continue
      }
      let digest = sha256Hex(bytes)
      if book.files[digest] != nil { continue }
      try await take(name, bytes, publish, log)
      book.files[digest] = name
      if let bookPath { try book.save(bookPath) }
    }
  }

  /// What an earlier run left in the outbox.
  mutating func recover(left ids: [String?]) { book.recover(left: Set(ids.compactMap { $0 })) }

  /// The broker's answers to what was kept, of this run or one before it.
  mutating func settle(_ answers: [(id: String?, answer: SensorAnswer)], log: (SensorNote) -> Void) throws {
    guard !answers.isEmpty else { return }
    for (id, answer) in answers {
      var reason: String?
      if case .refused(let text) = answer { reason = text }
      // One that the book does not know is in a file that is read again: then it counts.
      guard let id, book.settle(id, isRefused: reason != nil) else { continue }
      if let reason {
        summary.refused += 1
        log(SensorNote("a report was refused", ["id": id, "reason": reason]))
      } else if answer == .duplicate {
        summary.duplicates += 1
      } else {
        summary.accepted += 1
      }
    }
    if let bookPath { try book.save(bookPath) }
  }

  private mutating func take(
    _ name: String, _ bytes: [UInt8], _ publish: ([Draft]) async throws -> [SensorAnswer], _ log: (SensorNote) -> Void
  ) async throws {
    let isCSV = name.lowercased().hasSuffix(".csv")
    var file = isCSV ? CSVReader.read(bytes, file: name) : JSONReports.read(bytes, file: name)
    file.bound()
    summary.files += 1
    summary.reports += file.rows.count
    for problem in file.problems { skip(problem, log) }
    // How many, and not which: what stands in a file that is no report is nobody's business here.
    if !file.unknownNames.isEmpty {
      log(SensorNote("columns are not used", ["file": name, "count": "\(file.unknownNames.count)"]))
    }
    for row in file.rows {
      do {
        try await send(try EffectReader(row: row).effect(admiralty: settings.admiralty), row, publish, log)
      } catch let problem as ReportProblem {
        skip(problem, log)
      }
    }
  }

  private mutating func skip(_ problem: ReportProblem, _ log: (SensorNote) -> Void) {
    summary.broken += 1
    log(SensorNote("a bad report is skipped", ["at": "\(problem.file):\(problem.line)", "reason": problem.message]))
  }

  private mutating func send(
    _ effect: Effect, _ row: ReportRow, _ publish: ([Draft]) async throws -> [SensorAnswer], _ log: (SensorNote) -> Void
  ) async throws {
    var effect = effect
    switch book.verdict(effect) {
    case .new: break
    case .revision(let reference): effect.supersedes = reference
    case .repeated:
      summary.repeated += 1
      return
    case .outdated:
      summary.outdated += 1
      log(
        SensorNote(
          "a report is older than what is known of it", ["at": "\(row.file):\(row.line)", "report": effect.report]))
      return
    }
    let draft = try draft(effect)
    guard let answer = try await publish([draft]).first else { return }
    if case .refused(let reason) = answer {
      summary.refused += 1
      log(SensorNote("a report was refused", ["at": "\(row.file):\(row.line)", "reason": reason]))
      return
    }
    if effect.supersedes != nil { summary.revisions += 1 }
    let digest = sha256Hex(try draft.encoded(source: source))
    let reference = EventReference(source: source, id: draft.id ?? "", sha256: digest)
    if answer == .kept {
      book.keep(effect, reference: reference)
      return
    }
    if answer == .accepted { summary.accepted += 1 } else { summary.duplicates += 1 }
    book.note(effect, reference: reference)
  }

  /// The id follows from all that the event says, so that the same report is the same event after any restart.
  private func draft(_ effect: Effect) throws -> Draft {
    let content = sha256Hex(try canonicalJSON(effect))
    return Draft(
      effect, id: derivedID("effect", content, settings.tlp.rawValue, String(settings.exercise)),
      subject: effect.asset?.id ?? effect.operatorName, time: effect.reported, tlp: settings.tlp,
      exercise: settings.exercise)
  }
}
