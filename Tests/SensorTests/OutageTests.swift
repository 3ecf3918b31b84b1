import CasusEvents
import CasusSensor
import Foundation
import SystemFiles
import TestSupport
import Testing

@testable import OutageSensor

@Suite("Outage reports from CSV") struct CSVTests {
  private func read(_ text: String) -> ReportFile { CSVReader.read(Array(text.utf8), file: "r.csv") }

  @Test
  func `may quote commas, quotes and line breaks, end lines either way and begin with a byte order mark`() {
    let file = read(
      "\u{FEFF}report,title,summary\r\nA-1,\"one, two\",\"he said \"\"no\"\"\nand left\"\r\n\r\nA-2, b ,\r\n")
    #expect(file.problems.isEmpty)
    #expect(file.rows.map { $0.fields["title"]?.text } == ["one, two", "b"])
    #expect(file.rows.first?.fields["summary"]?.text == "he said \"no\"\nand left")
    #expect(file.rows.map(\.line) == [2, 5])
    #expect(file.rows.last?.fields["summary"] == nil)
    #expect(file.rows.last?.raw == Array("A-2, b ,".utf8))
  }

  @Test
  func `name the line of a row with the wrong number of cells, and the other rows stand`() {
    let file = read("report,title\nA-1\nA-2,fine\n")
    #expect(file.rows.count == 1)
    #expect(file.problems == [ReportProblem(file: "r.csv", line: 2, message: "1 cells where the header has 2")])
  }

  @Test
  func `say when a quote is left open, a column stands twice, or nothing is there`() {
    #expect(read("report\n\"A-1\n").problems.map(\.message) == ["a quoted cell is not closed"])
    #expect(read("report,Report\nA,B\n").problems.first?.message == "column 2 has the name of one before it")
    #expect(read("").problems.first?.message == "the file is empty")
  }

  @Test
  func `with columns of other names are read without them`() {
    let file = read("report,colour\nA-1,red\n")
    #expect(file.unknownNames == ["colour"])
    #expect(file.rows.first?.fields.keys.sorted() == ["report"])
  }
}

@Suite("Outage reports from JSON") struct JSONReportTests {
  private func read(_ text: String) -> ReportFile { JSONReports.read(Array(text.utf8), file: "r.json") }

  @Test
  func `may be one, a list, or a list under 'reports'; null says nothing`() {
    for text in [#"{"report":"A","mw":null}"#, #"[{"report":"A"}]"#, #"{"reports":[{"report":"A"}]}"#] {
      let file = read(text)
      #expect(file.rows.map { $0.fields.mapValues(\.text) } == [["report": "A"]], "\(text)")
      #expect(file.problems.isEmpty)
    }
  }

  @Test
  func `keep their lines, so that mistakes can be found`() {
    let file = read("[\n {\"report\": \"A\",\n  \"mw\": 3},\n {\"report\": [1]}\n]")
    #expect(file.rows.first?.line == 2)
    #expect(file.rows.first?.fields["mw"] == ReportRow.Cell(text: "3", line: 3))
    #expect(file.problems == [ReportProblem(file: "r.json", line: 4, message: "report must be a text or a number")])
  }

  @Test
  func `that are not JSON are not guessed at, even where YAML would do`() {
    #expect(read("report: A\n").problems.first?.message.hasPrefix("not JSON") == true)
    #expect(read("[\n{\"report\": \"A\"\n").problems.first?.line == 3)
  }
}

@Suite("An effect from a report") struct EffectReaderTests {
  private func row(_ change: [String: String?] = [:]) -> ReportRow {
    var fields = [
      "report": "EXERCISE-1", "title": "EXERCISE outage", "operator": "EXERCISE Grid",
      "started": "2026-03-16T13:00:00Z",
      "reported": "2026-03-16T22:30:00+09:00",
    ]
    for (name, value) in change { fields[name] = value }
    return ReportRow(
      file: "r.csv", line: 9, fields: fields.mapValues { .init(text: $0, line: 10) }, raw: Array("raw".utf8))
  }

  @Test
  func `leaves out what nobody said, instead of making it zero`() throws {
    let effect = try EffectReader(row: row()).effect(admiralty: nil)
    #expect(effect.usersAffected == nil)
    #expect(effect.capacityLost.isEmpty)
    #expect(effect.cause == .unknown)
    #expect(effect.kind == .outage)
    #expect(effect.reported == Timestamp(rfc3339: "2026-03-16T13:30:00Z"))
    #expect(effect.raw?.origin == "r.csv:9")
  }

  @Test
  func `carries estimates with their bounds`() throws {
    let effect = try EffectReader(
      row: row([
        "customers": "100", "customers_low": "80", "mw": "3.5", "mw_share": "0.1", "feeders": "2", "deaths": "0",
      ])
    ).effect(admiralty: nil)
    #expect(effect.usersAffected == Estimate(value: 100, low: 80))
    #expect(effect.capacityLost.map(\.unit) == ["MW", "feeders"])
    #expect(effect.casualties == Casualties(deaths: Estimate(value: 0)))
  }

  @Test(arguments: [
    ("started", nil, "started is missing"), ("started", "2026-03-16 13:00", "started must be a time"),
    ("started", "1969-12-31T00:00:00Z", "started must be a time"), ("kind", "blackout", "must be one of outage"),
    ("nation", "Japan", "two capital letters"), ("mw", "many", "must be a number"), ("mw", "-1", "must be a number"),
    ("mw", "nan", "must be a number"), ("mw_share", "2", "must be a number"), ("essential", "maybe", "true or false"),
    ("expected_restoration", "2026-03-16T12:00:00Z", "before it started"), ("title", "a\tb", "one line"),
    ("sector", "power", "must be one of"),
  ])
  func `names the cell's line and what is wrong with it`(name: String, value: String?, message: String) {
    var change: [String: String?] = [:]
    change.updateValue(value, forKey: name)
    if name == "mw_share" { change["mw"] = "1" }
    if name == "essential" { change["service"] = "EXERCISE" }
    #expect {
      try EffectReader(row: row(change)).effect(admiralty: nil)
    } throws: { error in
      guard let problem = error as? ReportProblem else { return false }
      return problem.line == (value == nil ? 9 : 10) && problem.message.contains(message)
    }
  }
}

@Suite("The drop folder") struct DropFolderTests {
  private static let header = "report,title,operator,started,reported,mw\n"
  private static func row(_ report: String, reported: String, mw: Int) -> String {
    "\(report),EXERCISE,EXERCISE Grid,2026-03-16T13:00:00Z,\(reported),\(mw)\n"
  }

  @Test
  func `takes a file when it has stopped growing, and again when it changes`() throws {
    let scratch = TemporaryFolder()
    var folder = DropFolder(path: scratch.path)
    try scratch.write("a.csv", "x")
    try scratch.write("b.csv.tmp", "x")
    try scratch.write(".hidden.csv", "x")
    try scratch.write("notes.txt", "x")
    #expect(try folder.look() == [])
    try scratch.append("a.csv", "y".utf8)
    #expect(try folder.look() == [])
    #expect(try folder.look() == ["a.csv"])
    #expect(try folder.look() == [])
    try scratch.rename("b.csv.tmp", "b.csv")
    try scratch.append("a.csv", "z".utf8)
    #expect(try folder.look() == [])
    #expect(try folder.look() == ["a.csv", "b.csv"])
  }

  @Test(arguments: [true, false])
  func `sees new files however many it has taken, and says when some are left for later`(isPatient: Bool) async throws {
    let scratch = TemporaryFolder()
    for index in 1...5 { try scratch.write("\(index).csv", Self.header + "\(index)\n") }
    var folder = DropFolder(path: scratch.path, isPatient: isPatient, mostNew: 3)
    var taken: [[String]] = []
    repeat { taken.append(try folder.look()) } while !folder.isSettled
    #expect(taken.filter { !$0.isEmpty }.map(\.count) == [3, 2])
    #expect(Set(taken.joined()) == Set((1...5).map { "\($0).csv" }))
    // Five are taken, more than a look sees: the sixth is seen all the same.
    try scratch.write("6.csv", "x")
    repeat { taken.append(try folder.look()) } while !folder.isSettled
    #expect(taken.last == ["6.csv"])
    var notes: [SensorNote] = []
    var loop = OutageLoop(
      folder: DropFolder(path: scratch.path, isPatient: isPatient, mostNew: 3), book: ReportBook(),
      settings: OutageSettings(folder: scratch.path), bookPath: nil, source: "//jp.exercise/outage-1")
    repeat {
      try await loop.step(publish: { _ in [] }, log: { notes.append($0) })
    } while !loop.folder.isSettled
    #expect(notes.compactMap { $0.values["left"] } == ["3"] && loop.summary.files == 6)
  }

  @Test
  func `follows no link, reads no other's file, no pipe and nothing huge`() async throws {
    let scratch = TemporaryFolder()
    let elsewhere = TemporaryFolder()
    try elsewhere.write("secret", "SECRET:x:0:0\nSECRET,SECRET\n")
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("sym.csv"), withDestinationPath: elsewhere.file("secret"))
    try FileManager.default.linkItem(atPath: elsewhere.file("secret"), toPath: scratch.file("hard.csv"))
    #expect(mkfifo(scratch.file("pipe.json"), 0o600) == 0)
    #expect(truncate(scratch.file("none"), 0) != 0)
    try scratch.write("huge.csv", "x")
    #expect(truncate(scratch.file("huge.csv"), 3 << 30) == 0)
    try scratch.write("columns.csv", "SECRET,kind,\(Self.header)A,SECRET," + Self.row("A", reported: "x", mw: 1))
    try scratch.write("wide.csv", String(repeating: "SECRET,", count: 10_000))
    try scratch.write("many.csv", Self.header + String(repeating: "SECRET\n", count: 30_000))
    var notes: [SensorNote] = []
    var loop = OutageLoop(
      folder: DropFolder(path: scratch.path, isPatient: false), book: ReportBook(),
      settings: OutageSettings(folder: scratch.path), bookPath: nil, source: "//jp.exercise/outage-1")
    try await loop.step(publish: { _ in [] }, log: { notes.append($0) })
    #expect(notes.count < 10_100)
    #expect(!notes.contains { $0.values.values.contains { $0.contains("SECRET") } })
    let huge = notes.first { $0.values["file"] == "huge.csv" }
    #expect(huge?.values["reason"]?.contains("more than 16777216 bytes") == true)
    #expect(!notes.contains { ["sym.csv", "hard.csv", "pipe.json"].contains($0.values["file"]) })
    #expect(notes.contains { $0.values["reason"] == "more than 10000 reports: the rest is not read" })
    // A link that is put there between the look and the reading is not followed either.
    for name in ["sym.csv", "hard.csv", "pipe.json"] {
      #expect(throws: SystemError.self) { try Files.readDropped(scratch.file(name), atMost: 1 << 20) }
    }
  }

  @Test
  func `that isn't there is an error with its path`() throws {
    var folder = DropFolder(path: "/nonexistent/EXERCISE")
    #expect { _ = try folder.look() } throws: { "\($0)".contains("/nonexistent/EXERCISE") }
  }

  @Test
  func `gives revisions that supersede, ignores what was said before, and remembers over a restart`() async throws {
    let scratch = TemporaryFolder()
    let state = TemporaryFolder()
    var drafts: [Draft] = []
    var notes: [SensorNote] = []
    func run() async throws -> OutageSummary {
      var loop = OutageLoop(
        folder: DropFolder(path: scratch.path, isPatient: false), book: ReportBook.load(state.file("book")).book,
        settings: OutageSettings(folder: scratch.path), bookPath: state.file("book"), source: "//jp.exercise/outage-1")
      try await loop.step(
        publish: { batch in
          drafts += batch
          return batch.map { _ in .accepted }
        }, log: { notes.append($0) })
      return loop.summary
    }
    try scratch.write("1.csv", Self.header + Self.row("A", reported: "2026-03-16T13:10:00Z", mw: 5))
    #expect(try await run().accepted == 1)
    try scratch.write("2.csv", Self.header + Self.row("A", reported: "2026-03-16T14:00:00Z", mw: 9) + "bad\n")
    try scratch.write("3.csv", Self.header + Self.row("A", reported: "2026-03-16T14:00:00Z", mw: 9))
    try scratch.write("4.csv", Self.header + Self.row("A", reported: "2026-03-16T13:20:00Z", mw: 7))
    let second = try await run()
    #expect(second.revisions == 1)
    #expect(second.repeated == 1)
    #expect(second.outdated == 1)
    #expect(second.broken == 1)
    #expect(notes.contains { $0.values["at"] == "2.csv:3" })
    #expect(drafts.count == 2)
    let bytes = try drafts[0].encoded(source: "//jp.exercise/outage-1")
    #expect(
      (drafts[1].data as? Effect)?.supersedes
        == EventReference(source: "//jp.exercise/outage-1", id: drafts[0].id ?? "", sha256: sha256Hex(bytes)))
    #expect(try await run() == second)
    #expect(second.accepted == 2)
    #expect(drafts.count == 2)
  }

  @Test
  func `is left behind when its reports stand in an outbox, over restarts too`() async throws {
    let scratch = TemporaryFolder()
    let state = TemporaryFolder()
    var drafts: [Draft] = []
    func loop(left: [String] = []) -> OutageLoop {
      var loop = OutageLoop(
        folder: DropFolder(path: scratch.path, isPatient: false), book: ReportBook.load(state.file("book")).book,
        settings: OutageSettings(folder: scratch.path), bookPath: state.file("book"), source: "//jp.exercise/outage-1")
      loop.recover(left: left)
      return loop
    }
    func read(_ loop: inout OutageLoop) async throws {
      try await loop.step(
        publish: { batch in
          drafts += batch
          return batch.map { _ in .kept }
        }, log: { _ in })
    }
    func add(_ summary: OutageSummary) -> Int {
      summary.accepted + summary.duplicates + summary.refused + summary.kept + summary.unseen + summary.repeated
    }
    try scratch.write("1.csv", Self.header + Self.row("A", reported: "2026-03-16T13:10:00Z", mw: 5))
    try scratch.write("2.csv", Self.header + Self.row("B", reported: "2026-03-16T13:10:00Z", mw: 5))
    try scratch.write("3.csv", Self.header + Self.row("B", reported: "2026-03-16T13:20:00Z", mw: 6))
    var first = loop()
    try await read(&first)
    #expect(drafts.count == 3)
    #expect(first.summary.kept == 3)
    // The process ends; two are still in its file, and of one nobody heard the answer.
    let ids = drafts.map { $0.id ?? "" }
    var second = loop(left: [ids[1], ids[2]])
    try await read(&second)
    #expect(drafts.count == 3)
    #expect(second.summary.unseen == 1)
    // The revision of what is refused supersedes nothing that exists; the next one must not build on either.
    try second.settle([(ids[1], .refused("schema")), (ids[2], .refused("schema"))], log: { _ in })
    #expect(second.summary.refused == 2)
    #expect(second.summary.kept == 0)
    #expect(add(second.summary) == second.summary.reports)
    try scratch.write("4.csv", Self.header + Self.row("B", reported: "2026-03-16T13:30:00Z", mw: 7))
    try scratch.write("5.csv", Self.header + Self.row("A", reported: "2026-03-16T13:30:00Z", mw: 7))
    var third = loop()
    try await read(&third)
    #expect((drafts[3].data as? Effect)?.supersedes == nil)
    #expect((drafts[4].data as? Effect)?.supersedes?.id == ids[0])
    try third.settle([(drafts[3].id, .accepted), (drafts[4].id, .duplicate), ("another", .accepted)], log: { _ in })
    #expect(third.summary.accepted == 1)
    #expect(third.summary.duplicates == 1)
    #expect(add(third.summary) == third.summary.reports)
  }

  @Test
  func `tries a file again after a restart when the broker was gone`() async throws {
    struct Gone: Error {}
    let scratch = TemporaryFolder()
    let state = TemporaryFolder()
    try scratch.write("1.csv", Self.header + Self.row("A", reported: "2026-03-16T13:10:00Z", mw: 5))
    func loop() -> OutageLoop {
      OutageLoop(
        folder: DropFolder(path: scratch.path, isPatient: false), book: ReportBook.load(state.file("book")).book,
        settings: OutageSettings(folder: scratch.path), bookPath: state.file("book"), source: "//jp.exercise/outage-1")
    }
    var first = loop()
    await #expect(throws: Gone.self) { try await first.step(publish: { _ in throw Gone() }, log: { _ in }) }
    var second = loop()
    try await second.step(publish: { $0.map { _ in .accepted } }, log: { _ in })
    #expect(second.summary.accepted == 1)
  }
}
