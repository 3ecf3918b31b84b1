import ArgumentParser
import CaseIndex
import CasusCases
import CasusEvents
import CasusLaunch
import CasusNames
import CasusPlugin
import Glibc
import IJSON
import SystemFiles

/// Where a command that looks at cases finds the policies.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A policy in YAML: parties, signers, how many must sign. Those in the home's folder policies are known anyway.",
      valueName: "file"))
  var policy: [String] = []

  /// The policies by file: those given, then the home's.
  func read(_ home: Home) throws -> [(file: String, policy: CasePolicy)] {
    try (policy + home.policyFiles()).map { path in (path, try Self.read(path)) }
  }

  private static func read(_ path: String) throws -> CasePolicy {
    do {
      return try CasePolicy.read(Files.read(path), file: path)
    } catch {
      throw Failure(reading: error)
    }
  }
}

/// Whether what was read once is kept.
struct IndexOptions: ParsableArguments {
  @Flag(
    name: .customLong("no-index"),
    help:
      "Read the whole journal, and keep no index of it; by default one stands in $XDG_CACHE_HOME/casus (~/.cache/casus)."
  )
  var noIndex = false

  /// Nil where none is to be kept.
  var folder: String? {
    func variable(_ name: String) -> String? {
      // A relative one is none, as the specification of these variables has it.
      getenv(name).map { String(cString: $0) }.flatMap { $0.hasPrefix("/") ? $0 : nil }
    }
    if noIndex { return nil }
    return variable("XDG_CACHE_HOME").map { "\($0)/casus" } ?? variable("HOME").map { "\($0)/.cache/casus" }
  }

  /// Reads cases over the bus; `body` only reads.
  func read<R>(_ bus: Bus, _ body: (CaseReader) async throws -> R) async throws -> R {
    do {
      return try await CaseReader.read(try await BusSource(bus), body, keptIn: folder)
    } catch {
      throw Failure(cases: error)
    }
  }
}

extension CaseReader {
  /// With what happens on the way on standard error.
  fileprivate static func read<R>(
    _ source: any CaseSource, _ body: (CaseReader) async throws -> R, keptIn folder: String?
  ) async throws -> R {
    var progress = Progress("read")
    let observer = Observer(told: { Terminal.complain($0) }, progress: { progress.advance(to: $0) })
    return try await read(source, folder: folder, observer) { reader in
      progress.finish()
      return try await body(reader)
    }
  }
}

/// A command that shows cases, of a broker's journal or of a folder.
struct CaseOptions: ParsableArguments {
  @OptionGroup var link: LinkOptions
  @OptionGroup var index: IndexOptions
  @Option(help: ArgumentHelp("Read a journal's folder instead of asking a broker.", valueName: "dir"))
  var journal: String?

  func read<R>(_ command: String, _ body: (CaseReader) async throws -> R) async throws -> R {
    guard let journal else { return try await link.withBus(command) { bus in try await index.read(bus, body) } }
    do {
      return try await CaseReader.read(try FileSource(journal), body, keptIn: index.folder)
    } catch {
      throw Failure(cases: error)
    }
  }
}

/// A part of a list.
struct PageOptions: ParsableArguments {
  @Option(help: ArgumentHelp("At most so many lines.", valueName: "n")) var limit = 100
  @Option(help: ArgumentHelp("Those behind this one, by its name.", valueName: "name")) var after: String?

  func validate() throws {
    guard (1...100_000).contains(limit) else { throw ValidationError("--limit takes 1 to 100000, not \(limit)") }
  }

  /// Says what comes behind a page; in JSON as a last line of its own.
  func writeRest(_ left: Int, behind last: String?, json: Bool, as command: String) {
    guard left > 0, let last else { return }
    if json {
      Terminal.line { line in
        line.int("left", left)
        line.string("after", last)
      }
    } else {
      Terminal.write(HarmlessText.shown("\(left) more: casus \(command) --after \(last)") + "\n")
    }
  }
}

extension EvidenceMarks {
  /// As a member of what is said of a case.
  func write(_ json: inout JSONWriter) {
    json.object("marked") { json in
      json.int("replayed", replayed)
      json.int("exercise", exercise)
    }
  }
}

extension Failure {
  init(_ error: CaseError) { self.init(error.code == .policy ? .configuration : .partly, error.message) }

  /// What reading cases may end with, where it is not said already.
  init(cases error: any Error) {
    switch error {
    case let error as Failure: self = error
    case let error as CaseError: self.init(error)
    case let error as IndexError: self.init(error.code == .unknown ? .partly : .failed, error.message)
    case let error as BusError: self.init(error, endpoint: nil)
    default: self.init(.failed, "\(error)")
    }
  }
}

/// Now, for what people write.
func currentTime() -> Timestamp {
  // Whole milliseconds: nobody opens a case by the nanosecond.
  Timestamp(nanoseconds: SystemClock.wall() / 1_000_000 * 1_000_000)
}
