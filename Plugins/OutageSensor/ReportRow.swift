/// One report as it stands in a file: named texts, and where each can be found.
struct ReportRow: Equatable, Sendable {
  var file: String
  /// The line on which the report begins, from 1.
  var line: Int
  /// Empty cells are left out: nothing said is not zero.
  var fields: [String: Cell]
  /// The record as it was written.
  var raw: [UInt8]

  struct Cell: Equatable, Sendable {
    var text: String
    var line: Int
  }

  /// The names a report can have. Others are reported once a file and not used.
  static let known: Set<String> = [
    "report", "kind", "title", "operator", "nation", "sector", "service", "essential", "denied", "asset", "location",
    "started", "ended", "expected_restoration", "reported", "customers", "customers_low", "customers_high", "mw",
    "mw_low", "mw_high", "mw_share", "feeders", "records", "money", "currency", "deaths", "injured", "physical_damage",
    "damage_summary", "repair_days", "repair_days_low", "repair_days_high", "workaround", "workaround_available",
    "cause", "domain", "summary", "withdrawn",
  ]
}

/// What is wrong with a report, and where.
struct ReportProblem: Error, Equatable, CustomStringConvertible {
  var file: String
  var line: Int
  var message: String

  var description: String { "\(file):\(line): \(message)" }
}

/// What a file holds: reports, and what in it is none.
struct ReportFile: Equatable, Sendable {
  var rows: [ReportRow] = []
  var problems: [ReportProblem] = []
  /// Names that no report has.
  var unknownNames: Set<String> = []

  /// Of one file: an operator with more incidents than that at once sends several.
  static let mostReports = 10_000
  static let mostColumns = 256

  var isFull: Bool { rows.count + problems.count > Self.mostReports }

  /// Says it, when there is more than one file may hold; what is beyond is not read.
  mutating func bound() {
    guard isFull else { return }
    let file = rows.last?.file ?? problems.last?.file ?? ""
    let line = max(rows.last?.line ?? 1, problems.last?.line ?? 1)
    rows = Array(rows.prefix(Self.mostReports))
    problems = Array(problems.prefix(max(0, Self.mostReports - rows.count)))
    problems.append(
      ReportProblem(file: file, line: line, message: "more than \(Self.mostReports) reports: the rest is not read"))
  }
}
