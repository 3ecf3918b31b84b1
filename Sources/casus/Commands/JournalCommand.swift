import ArgumentParser
import CasusJournal
import CasusLaunch
import CasusNames
import Glibc
import IJSON

/// What is done to a journal's files while no broker runs.
struct JournalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal", abstract: "Put a damaged journal right.",
    subcommands: [Repair.self, AcceptLoss.self])

  struct Repair: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Save every event that can still be read, and write off the others by name.",
      discussion: """
        A broker that finds damage before its journal's end refuses to start: a person decides. This rewrites the \
        damaged segments; each is kept beside the journal as it was (….mcap.damaged). What cannot be read is noted in the \
        journal, so that readers and casus verify know which sequences are missing. Of a damaged log of positions or \
        schemas what stands before the damage is kept; subscriptions then begin from an earlier position. Where the journal's end \
        is lost, or something is missing altogether, casus journal accept-loss goes on. After any other loss a broker starts; \
        casus journal accept-loss says in an event what was lost, and until then there is no Merkle root to sign a statement on. \
        No broker may run on the journal.

        Exit codes: 0 nothing acknowledged was lost; 1 some events are lost; 65 the file JOURNAL is gone and nothing is damaged, or \
        another journal's segment stands there; 66 there is no journal; 74 a disk error; 75 a broker has it open.

        EXAMPLE: casus journal repair casus-home/journal
        """)

    @OptionGroup var home: HomeOption
    @Argument(help: ArgumentHelp("The journal's folder; the home's when left out.", valueName: "journal"))
    var journal: String?
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
      let path = journal ?? home.folder.journal
      let report: JournalRepairReport
      do throws(JournalError) { report = try repairJournal(path) } catch { throw Failure(error) }
      Terminal.write(json ? line(report, path) : text(report, path))
      if !report.isLossless { throw Failure(.partly) }
    }

    private func text(_ report: JournalRepairReport, _ path: String) -> String {
      var text = "\(path): \(Figure.count(report.events)) events\n"
      if report.rewritten.isEmpty, report.logs.isEmpty { text += "nothing had to be rewritten\n" }
      for segment in report.rewritten {
        text +=
          HarmlessText.shown(
            "rewritten \(segment.file): \(segment.saved) events saved (\(segment.reason)); kept as \(segment.keptAs)")
          + "\n"
      }
      for log in report.logs {
        text +=
          "rewritten \(log.file): \(log.values) values kept, \(log.lostBytes) bytes of later changes lost (\(log.reason)); "
          + "kept as \(log.keptAs)\n"
      }
      for range in report.lost { text += "lost: events \(range.lowerBound) to \(range.upperBound)\n" }
      if report.lostEnd {
        text += "lost: the journal's end; how many events stood there is not known\n"
        text += "to go on: casus journal accept-loss \(path)\n"
      } else if !report.lost.isEmpty {
        text += "to have an event say so, without which no statement can be signed: casus journal accept-loss \(path)\n"
      }
      return HarmlessText.shown(text, keeping: .lines)
    }

    private func line(_ report: JournalRepairReport, _ path: String) -> String {
      return jsonLine { json in
        json.string("path", path)
        json.int("events", report.events)
        json.bool("lossless", report.isLossless)
        json.bool("lost_end", report.lostEnd)
        json.array("lost") { json in
          for range in report.lost {
            json.object { json in
              json.string("first", String(range.lowerBound))
              json.string("last", String(range.upperBound))
            }
          }
        }
        json.array("logs") { json in
          for log in report.logs {
            json.object { json in
              json.string("file", log.file)
              json.string("kept_as", log.keptAs)
              json.int("values", log.values)
              json.int("lost_bytes", log.lostBytes)
              json.string("reason", log.reason)
            }
          }
        }
        json.array("rewritten") { json in
          for segment in report.rewritten {
            json.object { json in
              json.string("file", segment.file)
              json.string("kept_as", segment.keptAs)
              json.int("saved", segment.saved)
              json.string("reason", segment.reason)
            }
          }
        }
      }
    }
  }
}
