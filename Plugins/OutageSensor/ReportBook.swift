import CasusEvents
import CasusSensor
import FoundationEssentials

/// What the sensor remembers: the files it has read and the last word on each report. Kept in its state folder.
struct ReportBook: Codable, Equatable {
  /// The last published event of a report.
  struct Entry: Codable, Equatable {
    var reference: EventReference
    var reported: Timestamp
    /// Of the record as it was written: the same record again says nothing new.
    var record: String
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

  static func load(_ path: String) -> (book: ReportBook, note: String?) {
    guard let bytes = readFile(path) else { return (ReportBook(), nil) }
    guard let book = try? JSONDecoder().decode(ReportBook.self, from: Data(bytes)), book.version == 1 else {
      return (ReportBook(), "\(path) cannot be read; all files are read again")
    }
    return (book, nil)
  }

  func save(_ path: String) throws {
    try replaceFile(path, with: try canonicalJSON(self))
  }
}
