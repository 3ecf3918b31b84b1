import ArgumentParser
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

      EXAMPLE: casus case show EXERCISE-2026-001
      """,
    subcommands: [List.self, Show.self, Incidents.self, Open.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the cases.", discussion: "EXAMPLE: casus case list --json")

    @OptionGroup var link: LinkOptions
    @OptionGroup var policies: PolicyOptions
    @Flag(help: "A JSON object a line.") var json = false

    func run() async throws {
      let known = try policies.read(link.home.folder).map(\.policy)
      let projection = try await link.withBus("case list") { bus in try await bus.cases(known).projection }
      var table = Table(["case", "state", "mode", "opened by", "incident", ">positions", "decision", "title"])
      for record in projection.cases.values.sorted(by: { Self.place($0) < Self.place($1) }) {
        let verdict = record.verdict
        let outcome = verdict.stands ? verdict.ballot?.statement.outcome.rawValue : nil
        if json {
          Terminal.write(Self.line(record, outcome, projection.marks(of: record.opened.data.incident)))
        } else {
          let file = record.current.data
          table.add([
            file.caseID, file.state.rawValue, Self.mode(record, projection), record.opened.citation.sender,
            file.incident,
            String(record.positions.count), outcome ?? "none", file.title,
          ])
        }
      }
      if !json { Terminal.write(table.isEmpty ? "no cases\n" : HarmlessText.shown(table.text, keeping: .lines)) }
    }

    /// In the order in which they were opened.
    private static func place(_ record: CaseRecord) -> UInt64 { UInt64(record.opened.citation.sequence) ?? 0 }

    /// A live case on marked evidence is not shown as one like others.
    private static func mode(_ record: CaseRecord, _ projection: CaseProjection) -> String {
      let marks = projection.marks(of: record.opened.data.incident)
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

    @OptionGroup var link: LinkOptions
    @OptionGroup var policies: PolicyOptions
    @Argument(help: ArgumentHelp("The case.", valueName: "case")) var caseID: String
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
      let known = try policies.read(link.home.folder).map(\.policy)
      let projection = try await link.withBus("case show") { bus in try await bus.cases(known).projection }
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
      discussion: "EXAMPLE: casus case incidents")

    @OptionGroup var link: LinkOptions
    @Flag(help: "A JSON object a line.") var json = false

    func run() async throws {
      let projection = try await link.withBus("case incidents") { bus in try await bus.cases([]).projection }
      let open = Set(projection.cases.values.map(\.opened.data.incident))
      let incidents = projection.incidents.values.filter { $0.current.data.state != .retracted }.sorted { a, b in
        let (a, b) = (a.current.data, b.current.data)
        if a.phase != b.phase { return a.phase > b.phase }
        let (left, right) = (a.effectCount + a.detectionCount, b.effectCount + b.detectionCount)
        return left != right ? left > right : a.incident < b.incident
      }
      var table = Table([
        "incident", "phase", ">detections", ">effects", ">assessments", "last seen", "rests on", "title",
      ])
      for record in incidents {
        let incident = record.current.data
        let marks = projection.marks(of: incident.incident)
        if json {
          Terminal.write(Self.line(record, marks, hasCase: open.contains(incident.incident)))
        } else {
          table.add([
            incident.incident, incident.phase.rawValue, Figure.count(incident.detectionCount),
            Figure.count(incident.effectCount), String(record.assessments.count - 1), incident.lastSeen.rfc3339,
            marks.text ?? "live events", incident.title,
          ])
        }
      }
      if !json { Terminal.write(table.isEmpty ? "no incidents\n" : HarmlessText.shown(table.text, keeping: .lines)) }
    }

    private static func line(_ record: IncidentRecord, _ marks: EvidenceMarks, hasCase: Bool) -> String {
      let incident = record.current.data
      return jsonLine { json in
        json.string("incident", incident.incident)
        json.int("revision", incident.revision)
        json.string("title", incident.title)
        json.string("state", incident.state.rawValue)
        json.string("phase", incident.phase.rawValue)
        json.int("detections", incident.detectionCount)
        json.int("effects", incident.effectCount)
        json.int("attributions", record.attributions.current.count)
        json.int("purposes", record.purposes.current.count)
        json.int("damages", record.damages.current.count)
        json.string("first_seen", incident.firstSeen.rfc3339)
        json.string("last_seen", incident.lastSeen.rfc3339)
        marks.write(&json)
        json.bool("case", hasCase)
      }
    }
  }
}
