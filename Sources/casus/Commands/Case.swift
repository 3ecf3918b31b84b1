import ArgumentParser
import CaseIndex
import CasusCases
import CasusEvents
import CasusNames
import CasusPlugin
import IJSON

struct Case: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Cases: list them, show a dossier, open one on an incident.",
    discussion: """
      A case is opened by a person on an incident, under a policy that names the parties, their signers and how many \
      must sign. Positions and decisions come by casus decide.

      What was read of a journal is kept in an index, one for each journal and identity, in $XDG_CACHE_HOME/casus (or \
      ~/.cache/casus), and the next command goes on from there. It can be removed at any time. Who may not read the same any more \
      gets a new one.

      EXAMPLE: casus case show EXERCISE-2026-001
      """,
    subcommands: [List.self, Show.self, Incidents.self, Open.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the cases, in the order in which they were opened.",
      discussion: """
        A page at a time. With --json a last line {"left":N,"after":"…"} where there are more than --limit.

        EXAMPLE: casus case list --json
        """)

    @OptionGroup var cases: CaseOptions
    @OptionGroup var policies: PolicyOptions
    @OptionGroup var page: PageOptions
    @Flag(help: "A JSON object a line.") var json = false

    func run() async throws {
      let known = try policies.read(cases.link.home.folder).map(\.policy)
      let (lines, left) = try await cases.read("case list") { reader in
        let page = try reader.index.cases(after: page.after, limit: page.limit)
        var lines: [(record: CaseRecord, marks: EvidenceMarks)] = []
        for id in page.lines { if let line = try reader.line(of: id, policies: known) { lines.append(line) } }
        return (lines, page.left)
      }
      var table = Table(["case", "state", "mode", "opened by", "incident", ">positions", "decision", "title"])
      for (record, marks) in lines {
        let verdict = record.verdict
        let outcome = verdict.stands ? verdict.ballot?.statement.outcome.rawValue : nil
        if json {
          Terminal.write(Self.line(record, outcome, marks))
        } else {
          let file = record.current.data
          table.add([
            file.caseID, file.state.rawValue, Self.mode(record, marks), record.opened.citation.sender, file.incident,
            String(record.positions.count), outcome ?? "none", file.title,
          ])
        }
      }
      if !json { Terminal.write(table.isEmpty ? "no cases\n" : HarmlessText.shown(table.text, keeping: .lines)) }
      page.writeRest(left, behind: lines.last?.record.opened.data.caseID, json: json, as: "case list")
    }

    /// A live case on marked evidence is not shown as one like others.
    private static func mode(_ record: CaseRecord, _ marks: EvidenceMarks) -> String {
      let kinds = [
        marks.replayed > 0 && record.mode != .replay ? "REPLAYED" : nil,
        marks.exercise > 0 && record.mode != .exercise ? "EXERCISE" : nil,
      ].compactMap { $0 }
      guard !kinds.isEmpty else { return record.mode.rawValue }
      return "\(record.mode.rawValue) ON \(kinds.joined(separator: ", ")) EVENTS"
    }

    private static func line(_ record: CaseRecord, _ outcome: String?, _ marks: EvidenceMarks) -> String {
      let file = record.current.data
      return jsonLine { json in
        json.string("case", file.caseID)
        json.string("title", file.title)
        json.string("state", file.state.rawValue)
        json.string("mode", record.mode.rawValue)
        json.string("incident", file.incident)
        json.string("opened", file.opened.rfc3339)
        json.string("opened_by", record.opened.citation.sender)
        json.string("policy", "\(file.policy.name) \(file.policy.version)")
        json.bool("policy_known", record.policy != nil)
        json.int("positions", record.positions.count)
        marks.write(&json)
        if let outcome { json.string("decision", outcome) } else { json.null("decision") }
        json.array("missing") { json in for reason in record.verdict.missing { json.string(reason) } }
      }
    }
  }

  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show a case's dossier: what was detected, who, what for, how bad, and what was decided.",
      discussion: """
        As Markdown, or with --json as one object. Everything in it names its place in the journal: sequence, sender, \
        digest.

        EXAMPLE: casus case show EXERCISE-2026-001 --json
        """)

    @OptionGroup var cases: CaseOptions
    @OptionGroup var policies: PolicyOptions
    @Argument(help: ArgumentHelp("The case.", valueName: "case")) var caseID: String
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
      let known = try policies.read(cases.link.home.folder).map(\.policy)
      let projection = try await cases.read("case show") { reader in
        try await reader.projection(cases: [caseID], policies: known, content: .shown)
      }
      do {
        let dossier = try projection.dossier(of: caseID)
        Terminal.write(
          json
            ? String(decoding: try dossier.json(), as: UTF8.self) + "\n"
            : HarmlessText.shown(dossier.markdown, keeping: .lines))
      } catch let error as CaseError {
        throw Failure(error)
      }
    }
  }

  struct Incidents: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the incidents that a case could be opened on, the gravest first.",
      discussion: """
        A page at a time. With --json a last line {"left":N,"after":"…"} where there are more than --limit.

        EXAMPLE: casus case incidents
        """)

    @OptionGroup var cases: CaseOptions
    @OptionGroup var page: PageOptions
    @Flag(help: "A JSON object a line.") var json = false

    func run() async throws {
      let found = try await cases.read("case incidents") { reader in
        try reader.index.incidents(after: page.after, limit: page.limit)
      }
      var table = Table([
        "incident", "phase", ">detections", ">effects", ">assessments", "last seen", "rests on", "title",
      ])
      for line in found.lines {
        if json {
          Terminal.write(Self.text(line))
        } else {
          let heading = line.heading
          table.add([
            line.incident, heading.phase.rawValue, Figure.count(heading.detectionCount),
            Figure.count(heading.effectCount), String(line.attributions + line.purposes + line.damages),
            heading.lastSeen.rfc3339, line.marks.text ?? "live events", heading.title,
          ])
        }
      }
      if !json { Terminal.write(table.isEmpty ? "no incidents\n" : HarmlessText.shown(table.text, keeping: .lines)) }
      page.writeRest(found.left, behind: found.lines.last?.incident, json: json, as: "case incidents")
    }

    private static func text(_ line: IncidentLine) -> String {
      let heading = line.heading
      return jsonLine { json in
        json.string("incident", line.incident)
        json.int("revision", heading.revision)
        json.string("title", heading.title)
        json.string("state", heading.state.rawValue)
        json.string("phase", heading.phase.rawValue)
        json.int("detections", heading.detectionCount)
        json.int("effects", heading.effectCount)
        json.int("attributions", line.attributions)
        json.int("purposes", line.purposes)
        json.int("damages", line.damages)
        json.string("first_seen", heading.firstSeen.rfc3339)
        json.string("last_seen", heading.lastSeen.rfc3339)
        line.marks.write(&json)
        json.bool("case", line.hasCase)
      }
    }
  }
}
