import ArgumentParser
import CasusEvents
import CasusJournal
import CasusLaunch
import CasusNames
import SystemFiles

/// A journal from a backup, when the one that it is of is gone.
struct Restore: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make a journal of a backup.",
    discussion: """
      For when a journal is gone for good: what was accepted after the backup is lost. The restored journal keeps its id and goes on far \
      beyond every sequence that can have been given since, so none is given twice; it says so in an event casus.bus.loss.v1. \
      Subscriptions go on from their positions in the backup, and are sent some events a second time.

      Never restore while the old journal can still be read: casus journal repair saves what can be. Nothing is written over, and of a \
      journal that cannot be restored nothing stays.

      Exit codes: 0 done; 65 the backup is damaged; 66 it is none; 73 something stands there; 74 a disk error.

      EXAMPLE: casus restore /backup/2027-01-05 --journal /var/lib/casus/journal --by 'the officer on duty'
      """)

  @OptionGroup var home: HomeOption
  @Argument(help: ArgumentHelp("What casus backup made.", valueName: "backup")) var backup: String
  @Option(help: ArgumentHelp("The journal's folder, new or empty; the home's when left out.", valueName: "dir"))
  var journal: String?
  @Option(help: ArgumentHelp("Where to put the registry, a new folder; nowhere when left out.", valueName: "dir"))
  var registry: String?
  @OptionGroup var decision: LossDecision
  @Flag(help: "One JSON object.") var json = false

  func run() async throws {
    let mark = try BackupMark.read(in: backup)
    let path = journal ?? home.folder.journal
    // First what is seen in a moment.
    if let occupant = registry.flatMap({ Files.exists($0) ? $0 : nil }) ?? occupant(ofJournalAt: path) {
      throw Failure(.cannotCreate, "\(occupant) stands there, and stays as it is")
    }
    let seconds = Timestamp(nanoseconds: SystemClock.wall()).since(mark.time) / 1_000_000_000
    let report: LossReport
    // A journal that stands there would be in the way of trying again: it comes last.
    let copied: FilesMade?
    do { copied = try registry.map { try Backup.copyFiles("\(backup)/\(Backup.registry)", to: $0, mode: 0o644) } } catch
    {
      throw Failure(writing: error)
    }
    do throws(JournalError) {
      report = try restoreJournal(
        "\(backup)/\(Backup.journal)", to: path, by: decision.by, reason: decision.reason, since: seconds)
    } catch {
      copied?.remove()
      throw Failure(error)
    }
    Terminal.write(json ? report.line(path) : HarmlessText.shown(report.text(path), keeping: .lines))
  }
}
