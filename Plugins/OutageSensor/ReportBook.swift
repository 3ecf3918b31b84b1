import CasusEvents
import CasusSensor
import SystemFiles

/// What the sensor remembers: the files it has read and the last word on each report. Kept in its state folder.
struct ReportBook: Codable, Equatable {
  /// The last published event of a report.
  struct Entry: Codable, Equatable {
    var reference: EventReference
    var reported: Timestamp
    /// Of the record as it was written: the same record again says nothing new.
    var record: String
  }

  /// A report whose event waits in the outbox file.
  struct Kept: Codable, Equatable {
    /// In `reports`.
    var key: String
    /// What was known of the report before; that again when the broker refuses the event.
    var before: Entry?
  }

  /// What a row is to what is already known.
  enum Verdict: Equatable {
    case new
    /// A later report of the same number: it supersedes.
    case revision(of: EventReference)
    case repeated
    /// Said earlier than what is already known.
    case outdated
  }

  var version = 1
  /// SHA-256 of the contents of files that were read, with their names.
  var files: [String: String] = [:]
  /// What became of every report, over restarts too.
  var summary = OutageSummary()
  /// By operator and report number.
  var reports: [String: Entry] = [:]
  /// By the event's id.
  var kept: [String: Kept] = [:]

  static func key(_ effect: Effect) -> String { derivedID("report", effect.operatorName, effect.report) }

  func verdict(_ effect: Effect) -> Verdict {
    guard let entry = reports[Self.key(effect)] else { return .new }
    if entry.record == effect.raw?.sha256 { return .repeated }
    return effect.reported < entry.reported ? .outdated : .revision(of: entry.reference)
  }

  mutating func note(_ effect: Effect, reference: EventReference) {
    reports[Self.key(effect)] = Entry(
      reference: reference, reported: effect.reported, record: effect.raw?.sha256 ?? "")
  }

  /// The event is in the outbox file, and the broker has not answered yet.
  mutating func keep(_ effect: Effect, reference: EventReference) {
    let key = Self.key(effect)
    // The same event again is no news.
    if kept[reference.id] == nil { kept[reference.id] = Kept(key: key, before: reports[key]) }
    note(effect, reference: reference)
    summary.kept = kept.count
  }

  /// The broker's answer to an event that was kept. False when the book does not know it.
  mutating func settle(_ id: String, isRefused: Bool) -> Bool {
    guard let settled = kept.removeValue(forKey: id) else { return false }
    summary.kept = kept.count
    guard isRefused else { return true }
    // What was said of it stands nowhere: the report is known as it was before.
    if reports[settled.key]?.reference.id == id { reports[settled.key] = settled.before }
    for (other, later) in kept where later.key == settled.key && later.before?.reference.id == id {
      kept[other]?.before = settled.before
    }
    return true
  }

  /// What is still in the outbox file, as an earlier run left it: the broker has answered the rest.
  mutating func recover(left: Set<String>) {
    let gone = kept.keys.filter { !left.contains($0) }
    for id in gone { kept[id] = nil }
    summary.unseen += gone.count
    summary.kept = kept.count
  }

  static func load(_ path: String) -> (book: ReportBook, note: String?) {
    guard let bytes = try? Files.read(path) else { return (ReportBook(), nil) }
    guard let book = try? readJSON(ReportBook.self, bytes), book.version == 1 else {
      return (ReportBook(), "\(path) cannot be read; all files are read again")
    }
    return (book, nil)
  }

  func save(_ path: String) throws {
    try Files.replace(path, with: try canonicalJSON(self), mode: 0o600, sync: false)
  }
}
