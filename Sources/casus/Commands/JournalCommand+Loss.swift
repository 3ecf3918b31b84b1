import ArgumentParser
import CasusJournal
import CasusLaunch
import CasusNames
import IJSON

extension JournalCommand {
  struct AcceptLoss: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "accept-loss", abstract: "Go on with a journal of which something is gone for good.",
      discussion: """
        A broker does not start when its journal's beginning, end, logs or the file JOURNAL are gone, or when positions know more than \
        the journal: somebody may be able to put them back. When they are gone for good, this goes on without them. The journal goes on \
        beyond every sequence that anything in the folder knows of, so none is ever given again; the gap stands in the next segment's \
        head, and as an event casus.bus.loss.v1 with who decided and why. Durable subscriptions whose positions are gone begin anew.

        It says so, too, of what a repair has written off: the event makes a lost stretch a leaf of the journal's Merkle tree, so \
        that statements can be signed on it again. No broker may run on the journal. Nothing is changed when nothing is missing.

        Exit codes: 0 done, or nothing is missing; 65 damaged: repair it first; 66 there is no journal; 74 a disk error; 75 a broker \
        has it open.

        EXAMPLE: casus journal accept-loss /var/lib/casus/journal --by 'the officer on duty' --reason 'the disk of 3 May'
        """)

    @OptionGroup var home: HomeOption
    @Argument(help: ArgumentHelp("The journal's folder; the home's when left out.", valueName: "journal"))
    var journal: String?
    @OptionGroup var decision: LossDecision
    @Flag(help: "One JSON object.") var json = false

    func run() async throws {
      let path = journal ?? home.folder.journal
      let report: LossReport
      do throws(JournalError) {
        report = try acceptLoss(path, by: decision.by, reason: decision.reason)
      } catch { throw Failure(error) }
      Terminal.write(json ? report.line(path) : HarmlessText.shown(report.text(path), keeping: .lines))
    }
  }
}

/// Who decides that something is gone, and why.
struct LossDecision: ParsableArguments {
  @Option(help: ArgumentHelp("Who decides, for the event.", valueName: "name"))
  var by: String
  @Option(help: ArgumentHelp("Why, for the event.", valueName: "text"))
  var reason: String?

  func validate() throws {
    let isLine = !by.isEmpty && by.utf8.count <= 256 && by.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    guard isLine else { throw ValidationError("--by takes one line of at most 256 bytes") }
    guard (1...4_000).contains(reason?.utf8.count ?? 1) else {
      throw ValidationError("--reason takes at most 4,000 bytes")
    }
  }
}

extension LossReport {
  func text(_ path: String) -> String {
    guard let sequence else { return "\(path): nothing is missing; nothing was changed\n" }
    var text = "\(path): the journal \(journal) goes on with sequence \(sequence)\n"
    for sentence in found { text += "found: \(sentence)\n" }
    for range in lost { text += "lost, or never given: sequences \(range.lowerBound) to \(range.upperBound)\n" }
    return text
  }

  func line(_ path: String) -> String {
    jsonLine { json in
      json.string("path", path)
      json.string("journal", "\(journal)")
      if let sequence { json.string("sequence", String(sequence)) } else { json.null("sequence") }
      json.array("found") { json in for sentence in found { json.string(sentence) } }
      json.array("lost") { json in
        for range in lost {
          json.object { json in
            json.string("first", String(range.lowerBound))
            json.string("last", String(range.upperBound))
          }
        }
      }
    }
  }
}
