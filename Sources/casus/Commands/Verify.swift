import ArgumentParser
import CasusCases
import CasusEvents
import CasusJournal
import CasusLaunch
import CasusLedger
import CasusNames
import IJSON

struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a journal: every commit, every sequence, and what people signed on it.",
    discussion: """
      Reads the files themselves, also beside a running broker, and changes nothing. Prints the journal's Merkle root: \
      who has noted an earlier root and size can see that nothing before it was changed. With policies, the signatures \
      of positions and decisions are verified as well, and what did not count is listed.

      Exit codes: 0 sound; 65 damaged; 66 there is no journal.

      EXAMPLE: casus verify casus-demo/journal --policy casus-demo/policy.yaml
      """)

  @OptionGroup var home: HomeOption
  @OptionGroup var policies: PolicyOptions
  @Argument(help: ArgumentHelp("A journal's folder; the home's when left out.", valueName: "journal"))
  var journal: String?
  @Flag(help: "One JSON object.") var json = false

  func run() async throws {
    let path = journal ?? home.folder.journal
    var projection = CaseProjection(policies: try policies.read(home.folder).map(\.policy))
    var progress = Progress("verified")
    var unreadable = 0
    let result: JournalVerification
    do {
      result = try verifyJournal(path) { stamp, bytes in
        progress.advance(to: stamp.sequence)
        if let event = try? RecordedEvent(stamp: stamp, bytes: Array(bytes)) {
          projection.apply(event)
        } else {
          unreadable += 1
        }
      }
    } catch {
      throw Failure(error.code == .io ? .noInput : .damaged, "\(error)")
    }
    progress.finish()
    // A journal that retention has cut has no root over all of it.
    let root = result.first <= 1 && unreadable == 0 ? projection.history?.tree.root.hex : nil
    Terminal.write(json ? line(result, root, projection) : text(result, root, projection))
    if !result.isSound { throw Failure(.damaged) }
  }

  private func findings(_ projection: CaseProjection) -> [CaseFinding] {
    projection.findings + projection.cases.values.flatMap(\.findings)
  }

  private func text(_ result: JournalVerification, _ root: String?, _ projection: CaseProjection) -> String {
    var text = "\(result.path): "
    text += result.isSound ? "sound" : "DAMAGED"
    text += ", \(Figure.count(result.events)) events"
    if result.events > 0 { text += " (\(result.first) to \(result.last))" }
    text += " in \(result.segments.count == 1 ? "1 segment" : "\(result.segments.count) segments")\n"
    if let root { text += "Merkle root \(root)\n" }
    for problem in result.problems { text += HarmlessText.shown("damage: \(problem)") + "\n" }
    for note in result.notes { text += HarmlessText.shown("note: \(note)") + "\n" }
    for record in projection.cases.values.sorted(by: { $0.opened.data.caseID < $1.opened.data.caseID }) {
      let verdict = record.verdict
      let outcome = verdict.stands ? verdict.ballot.map { "decided: \($0.statement.outcome.rawValue)" } : nil
      let id = HarmlessText.shown(record.opened.data.caseID)
      text += "case \(id) (\(record.mode.rawValue)): \(outcome ?? "no decision stands")\n"
      if let marks = projection.marks(of: record.opened.data.incident).text {
        text += "  \(record.mode == .live ? "MARKED EVIDENCE: " : "")the incident rests on \(marks)\n"
      }
      if !verdict.stands { for reason in verdict.missing { text += "  \(HarmlessText.shown(reason))\n" } }
    }
    for finding in findings(projection) {
      text += "finding: \(finding.code.rawValue) \(finding.about.mark): \(HarmlessText.shown(finding.message))\n"
    }
    return HarmlessText.shown(text, keeping: .lines)
  }

  private func line(_ result: JournalVerification, _ root: String?, _ projection: CaseProjection) -> String {
    return jsonLine { json in
      json.string("path", result.path)
      json.bool("sound", result.isSound)
      json.int("events", result.events)
      json.string("first", String(result.first))
      json.string("last", String(result.last))
      if let root { json.string("root", root) } else { json.null("root") }
      json.array("segments") { json in
        for segment in result.segments {
          json.object { json in
            json.string("file", segment.file)
            json.string("first", String(segment.first))
            json.string("last", String(segment.last))
            json.int("commits", segment.commits)
            json.int("bytes", segment.bytes)
            json.bool("closed", segment.isClosed)
          }
        }
      }
      json.array("problems") { json in for problem in result.problems { json.string("\(problem)") } }
      json.array("notes") { json in for note in result.notes { json.string(note) } }
      json.array("cases") { json in
        for record in projection.cases.values.sorted(by: { $0.opened.data.caseID < $1.opened.data.caseID }) {
          let verdict = record.verdict
          json.object { json in
            json.string("case", record.opened.data.caseID)
            json.string("mode", record.mode.rawValue)
            json.object("marked") { json in
              let marks = projection.marks(of: record.opened.data.incident)
              json.int("replayed", marks.replayed)
              json.int("exercise", marks.exercise)
            }
            json.bool("decided", verdict.stands)
            if verdict.stands, let ballot = verdict.ballot {
              json.string("outcome", ballot.statement.outcome.rawValue)
            }
            json.array("missing") { json in for reason in verdict.missing { json.string(reason) } }
          }
        }
      }
      json.array("findings") { json in
        for finding in findings(projection) {
          json.object { json in
            json.string("code", finding.code.rawValue)
            json.string("sequence", finding.about.sequence)
            json.string("message", finding.message)
          }
        }
      }
    }
  }
}
