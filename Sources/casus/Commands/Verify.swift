import ArgumentParser
import CasusCases
import CasusEvents
import CasusJournal
import CasusLaunch
import CasusLedger
import CasusNames
import IJSON
import SystemFiles

struct Verify: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a journal: every commit, every sequence, and what people signed on it.",
    discussion: """
      Reads the files themselves, also beside a running broker, and changes nothing. Says what is damaged, missing or another \
      journal's, and what can be done about it. Prints the journal's Merkle root: \
      who has noted an earlier root and size can see that nothing before it was changed. With policies, the signatures \
      of positions and decisions are verified as well, and what did not count is listed. A checkpoint has a root for each segment: \
      keep some elsewhere, and --since proves that nothing before was changed, also after retention has removed the oldest.

      Exit codes: 0 sound; 65 damaged, or something is missing; 66 there is no journal.

      EXAMPLE: casus verify casus-demo/journal --policy casus-demo/policy.yaml
      """)

  @OptionGroup var home: HomeOption
  @OptionGroup var policies: PolicyOptions
  @Argument(help: ArgumentHelp("A journal's folder; the home's when left out.", valueName: "journal"))
  var journal: String?
  @Option(
    help: ArgumentHelp(
      "What the journal held earlier: a checkpoint, or a backup. Says whether that is how the journal begins.",
      valueName: "file"))
  var since: String?
  @Option(help: ArgumentHelp("Write what the journal holds now to a new file, for --since.", valueName: "file"))
  var checkpoint: String?
  @Flag(help: "One JSON object.") var json = false

  func run() async throws {
    let path = journal ?? home.folder.journal
    var projection = CaseProjection(policies: try policies.read(home.folder).map(\.policy))
    var progress = Progress("verified")
    var unreadable = 0
    let result: JournalVerification
    let earlier = try since.map(readCheckpoint)
    var comparison: CheckpointCheck?
    var maker = CheckpointMaker(starts: [])
    do throws(JournalError) {
      result = try verifyJournal(
        path,
        visit: { stamp, bytes in
          progress.advance(to: stamp.sequence)
          if checkpoint != nil { maker.feed(stamp, bytes) }
          comparison?.feed(stamp, bytes)
          if let event = try? RecordedEvent(stamp: stamp, bytes: Array(bytes)) {
            projection.apply(event)
          } else {
            unreadable += 1
          }
        },
        begin: { starts in
          comparison = earlier.map { CheckpointCheck($0, first: starts.first ?? 1) }
          maker = CheckpointMaker(starts: starts)
        })
    } catch {
      throw Failure(error)
    }
    progress.finish()
    comparison?.finish(result.journal.map { "\($0)" })
    let root = unreadable == 0 ? projection.history?.tree.root?.hex : nil
    Terminal.write(json ? line(result, root, projection, comparison) : text(result, root, projection, comparison))
    guard result.isSound, comparison?.problems.isEmpty ?? true else { throw Failure(.damaged) }
    if let checkpoint, let journal = result.journal {
      let text = try canonicalJSON(maker.checkpoint(of: "\(journal)"))
      do { try Files.create(checkpoint, with: text, mode: 0o600) } catch { throw Failure(writing: error) }
    }
  }

  /// From a file, or of a backup's journal as it is now.
  private func readCheckpoint(_ path: String) throws -> Checkpoint {
    guard Files.isFolder(path) else {
      do { return try Checkpoint.read(try Files.read(path)) } catch let error as LedgerError {
        throw Failure(.damaged, "\(path): \(error)")
      } catch { throw Failure(reading: error) }
    }
    let journal = Files.isFolder("\(path)/\(Backup.journal)") ? "\(path)/\(Backup.journal)" : path
    var maker = CheckpointMaker(starts: [])
    let result: JournalVerification
    do throws(JournalError) {
      result = try verifyJournal(
        journal, envelopes: false, visit: { maker.feed($0, $1) }, begin: { maker = CheckpointMaker(starts: $0) })
    } catch { throw Failure(error) }
    guard result.isSound, let id = result.journal else {
      throw Failure(.damaged, "\(journal): \(result.problems.first?.description ?? "not sound")")
    }
    return maker.checkpoint(of: "\(id)")
  }

  private func findings(_ projection: CaseProjection) -> [CaseFinding] {
    projection.findings + projection.cases.values.flatMap(\.findings)
  }

  private func text(
    _ result: JournalVerification, _ root: String?, _ projection: CaseProjection, _ comparison: CheckpointCheck?
  ) -> String {
    var text = "\(result.path): "
    text += result.isSound ? "sound" : "NOT SOUND"
    text += ", \(Figure.count(result.events)) events"
    if result.events > 0 { text += " (\(result.first) to \(result.last))" }
    text += " in \(result.segments.count == 1 ? "1 segment" : "\(result.segments.count) segments")\n"
    if let root {
      text += "Merkle root \(root)\n"
    } else if let gap = projection.history?.tree.missing.first {
      text +=
        result.first > gap.upperBound
        ? "no Merkle root: the journal begins at \(result.first)\n"
        : "no Merkle root: sequences \(gap.lowerBound) to \(gap.upperBound) are not there, "
      text += "and no event names them as lost\n"
    }
    if result.isCopy { text += "it is a backup: casus restore makes a journal of it\n" }
    if let comparison {
      text += comparison.problems.isEmpty ? "begins as it did" : "DOES NOT BEGIN AS IT DID"
      text += ": \(Figure.count(comparison.proved)) events of then are the same"
      if comparison.removed > 0 { text += ", \(Figure.count(comparison.removed)) were removed by retention since" }
      text += "\n"
      for problem in comparison.problems { text += HarmlessText.shown("changed: \(problem)") + "\n" }
    }
    if let journal = result.journal { text += "journal \(journal)\n" }
    if result.isSound, result.events == 0 { text += "it holds no event yet\n" }
    for problem in result.problems {
      text += HarmlessText.shown("\(problem.isDamage ? "damage" : "missing"): \(problem)") + "\n"
    }
    if result.problems.contains(where: \.isDamage) {
      text += "to save what can be read of what is damaged, with no broker on it: casus journal repair "
      text += HarmlessText.shown(result.path) + "\n"
    }
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

  private func line(
    _ result: JournalVerification, _ root: String?, _ projection: CaseProjection, _ comparison: CheckpointCheck?
  ) -> String {
    return jsonLine { json in
      json.string("path", result.path)
      json.bool("sound", result.isSound)
      if let journal = result.journal { json.string("journal", "\(journal)") } else { json.null("journal") }
      json.bool("backup", result.isCopy)
      if let comparison {
        json.object("since") { json in
          json.bool("same", comparison.problems.isEmpty)
          json.int("proved", comparison.proved)
          json.int("removed", comparison.removed)
          json.array("problems") { json in for problem in comparison.problems { json.string(problem) } }
        }
      }
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
            projection.marks(of: record.opened.data.incident).write(&json)
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
