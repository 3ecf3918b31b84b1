import ArgumentParser
import CasusEvents
import CasusJournal
import CasusLaunch
import CasusNames
import Glibc
import IJSON
import SystemFiles

/// A copy of what a broker cannot make anew, while it runs.
struct Backup: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copy the journal and the registry, also while the broker runs.",
    discussion: """
      The backup has the journal's folder as it was on disk when the copy ended, up to a whole commit, the registry, and a file that says \
      that it is complete. The broker's key and those of plugins are not in it: keep them where secrets are kept. Everything is its \
      owner's alone (0700, 0600). Nothing is written over, and of a backup that fails nothing stays.

      Sealed segments are linked where the file system allows it: quick, and no help against a disk that fails. For a copy of its own, \
      put it on another disk, or use --copy.

      Exit codes: 0 done; 65 the journal is damaged, or something is missing; 66 there is no journal; 73 something stands there; \
      74 a disk error.

      EXAMPLE: casus backup /backup/2027-01-05 --journal /var/lib/casus/journal --registry /etc/casus/registry
      """)

  /// Folders and files of a backup.
  static let journal = "journal"
  static let registry = "registry"
  static let mark = "BACKUP"

  @OptionGroup var home: HomeOption
  @Argument(help: ArgumentHelp("A new folder.", valueName: "dir")) var target: String
  @Option(
    name: .customLong("journal"),
    help: ArgumentHelp("The journal's folder; the home's when left out.", valueName: "dir"))
  var journalFolder: String?
  @Option(
    name: .customLong("registry"),
    help: ArgumentHelp("The registry's folder; the home's when left out.", valueName: "dir"))
  var registryFolder: String?
  @Flag(help: "Copy sealed segments, too.") var copy = false
  @Flag(help: "One JSON object.") var json = false

  func run() async throws {
    let registry = registryFolder ?? home.folder.registry
    guard Files.isFolder(registry) else {
      throw Failure(.noInput, "there is no registry \(registry); --registry names it")
    }
    guard mkdir(target, 0o700) == 0 else {
      throw Failure(.cannotCreate, "cannot make \(target): \(SystemError.message(errno)); nothing was changed")
    }
    let time = Timestamp(nanoseconds: SystemClock.wall())
    let report: BackupReport
    var made: [FilesMade] = [FilesMade(folder: target)]
    do {
      made.append(try Self.copyFiles(registry, to: "\(target)/\(Self.registry)", mode: 0o600))
      let journal = "\(target)/\(Self.journal)"
      report = try backUpJournal(journalFolder ?? home.folder.journal, to: journal, links: !copy)
      made.append(FilesMade(folder: journal, names: report.files))
      try Files.create("\(target)/\(Self.mark)", with: try canonicalJSON(BackupMark(report, time)), mode: 0o600)
    } catch {
      for made in made.reversed() { made.remove() }
      throw Failure(writing: error)
    }
    Terminal.write(json ? line(report) : HarmlessText.shown(text(report), keeping: .lines))
  }

  /// The files of a folder, without folders in it, into a new one.
  static func copyFiles(_ folder: String, to target: String, mode: UInt32) throws(SystemError) -> FilesMade {
    guard mkdir(target, 0o700) == 0 else { throw SystemError(errno, "make the folder", target) }
    var made = FilesMade(folder: target)
    do throws(SystemError) {
      for name in try Files.names(in: folder) where !Files.isFolder("\(folder)/\(name)") && !name.hasPrefix(".") {
        try Files.create("\(target)/\(name)", with: try Files.read("\(folder)/\(name)"), mode: mode)
        made.names.append(name)
      }
    } catch {
      made.remove()
      throw error
    }
    return made
  }

  private func text(_ report: BackupReport) -> String {
    "\(target): the journal \(report.journal), "
      + (report.last < report.first ? "no events yet" : "events \(report.first) to \(report.last)")
      + "; \(report.linked) segments linked, \(report.copied) copied (\(Figure.bytes(report.copiedBytes)))\n"
  }

  private func line(_ report: BackupReport) -> String {
    jsonLine { json in
      json.string("path", target)
      json.string("journal", "\(report.journal)")
      json.string("first", String(report.first))
      json.string("last", String(report.last))
      json.int("linked", report.linked)
      json.int("copied", report.copied)
      json.int("copied_bytes", report.copiedBytes)
    }
  }
}

/// What was put into a folder that was made for it: taken away again, that and nothing else, when the rest fails.
struct FilesMade {
  var folder: String
  var names: [String] = []

  func remove() {
    for name in names { Files.remove("\(folder)/\(name)") }
    rmdir(folder)
  }
}

/// What stands in a backup beside its folders, when all of it is there.
struct BackupMark: Codable {
  static let format = "casus-backup/1"

  var format = Self.format
  var journal: String
  var time: Timestamp
  var first: String
  var last: String

  init(_ report: BackupReport, _ time: Timestamp) {
    self.time = time
    journal = "\(report.journal)"
    first = String(report.first)
    last = String(report.last)
  }

  static func read(in backup: String) throws -> BackupMark {
    let path = "\(backup)/\(Backup.mark)"
    guard Files.exists(path) else {
      throw Failure(.noInput, "\(backup) is no complete backup: it has no file \(Backup.mark)")
    }
    guard let mark = try? readJSON(BackupMark.self, try Files.read(path)), mark.format == format else {
      throw Failure(.damaged, "\(path) is not what casus backup writes")
    }
    return mark
  }
}
